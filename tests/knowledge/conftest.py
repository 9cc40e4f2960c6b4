"""Ada and Ed, logged in."""

from __future__ import annotations

import pytest

from tests.people import ada, ed


@pytest.fixture
def agent(client):
    client.force_login(ada())
    return client


@pytest.fixture
def editor(client):
    client.force_login(ed())
    return client
