"""People whom many tests of cases need."""

from __future__ import annotations

import pytest
from django.test import Client

from helpcenter.accounts.models import User
from tests import people


@pytest.fixture
def ada(client: Client) -> User:
    """An agent, logged in with the test's client."""
    user = people.ada()
    client.force_login(user)
    return user
