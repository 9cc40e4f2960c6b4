"""A Redis that is away costs speed and limits, and nobody their way in."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from helpcenter.accounts.models import User
from tests.factories import UserFactory

DEAD = {
    "default": {
        "BACKEND": "helpcenter.cache.ForgivingRedisCache",
        # Nobody listens there.
        "LOCATION": "redis://127.0.0.1:1/0",
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1},
    }
}


@pytest.fixture
def _no_redis(settings):
    settings.CACHES = DEAD


@pytest.mark.usefixtures("_no_redis")
def test_what_is_claimed_is_claimed_once_and_given_back():
    assert [cache.add("lock", 1, 60), cache.add("lock", 1, 60)] == [True, False]
    assert cache.delete("lock")
    assert cache.add("lock", 1, 60)
    assert cache.get("lock", "nothing") == "nothing"
    cache.delete("lock")


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_redis")
def test_people_log_in(client):
    user: User = UserFactory(email="ada@example.com")
    user.set_password("a-long-one-4711")
    user.save()
    sent = {"login": "ada@example.com", "password": "a-long-one-4711"}
    assert client.post("/accounts/login/", sent).status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
