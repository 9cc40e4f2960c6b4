"""Mailboxes in the admin: each address once, and how the reading of mail folders goes."""

from __future__ import annotations

import pytest

from tests.people import ada, max_
from tickets.models import Channel, ChannelKind, FetchPosition, Mailbox

pytestmark = pytest.mark.django_db
ADD = "/admin/tickets/mailbox/add/"


@pytest.fixture
def manager(client):
    client.force_login(max_())
    return client


def test_a_mailbox_is_made(manager):
    manager.post(ADD, {"address": "Returns@Example.com", "sender_name": "Returns", "is_active": "on"})
    assert Mailbox.objects.get().address == "returns@example.com"
    assert "returns@example.com" in manager.get("/admin/tickets/mailbox/").content.decode()


@pytest.mark.parametrize("address", ["RETURNS@example.com", "Help@example.com"])
def test_an_address_that_we_have_already_is_refused(manager, address):
    Channel.objects.create(kind=ChannelKind.EMAIL, address="help@example.com")
    Mailbox.objects.create(address="returns@example.com")
    page = manager.post(ADD, {"address": address, "is_active": "on"})
    assert page.status_code == 200
    assert "already" in page.content.decode() or "needs no mailbox" in page.content.decode()
    assert Mailbox.objects.count() == 1


def test_a_folder_that_cannot_be_read_is_seen_everywhere(manager, client):
    FetchPosition.objects.create(account="help (imap.example.com)", last_error="AUTHENTICATIONFAILED")
    page = manager.get("/admin/tickets/fetchposition/").content.decode()
    assert "Fails" in page
    assert "AUTHENTICATIONFAILED" in page
    assert manager.post("/admin/tickets/fetchposition/add/").status_code == 403
    assert client.get("/readyz").json()["mailboxes_failing"] == 1
    assert "svar_mailboxes_failing 1.0" in client.get("/metrics").content.decode()


@pytest.mark.parametrize("page", ["mailbox", "fetchposition"])
def test_agents_have_no_business_there(client, page):
    client.force_login(ada())
    assert client.get(f"/admin/tickets/{page}/").status_code == 403
