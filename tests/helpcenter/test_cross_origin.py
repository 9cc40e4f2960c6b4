"""What pages of other sites may read of ours, and what not."""

from __future__ import annotations

import pytest

from tests.factories import make_ticket
from tests.people import ada
from tests.tickets.tokens import caller_for
from tickets.services.links import case_url

pytestmark = pytest.mark.django_db
HOST = "https://shop.example"
ALLOW = "Access-Control-Allow-Origin"
# Fixed, since test processes have to find the same tests.
JOURNEY = "/api/v1/journeys/5a4f1e7e-3a56-4c11-9a3e-6f1d2c7b8e90/events/"
CHAT = "/api/v1/chats/0b9f4a52-8d1e-4c73-b6a8-1f2e3d4c5b6a/"


def preflight(client, path, method="POST", headers="content-type", origin=HOST):
    return client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": headers,
        },
    )


@pytest.mark.parametrize(
    "path",
    ["/api/v1/search/?q=wool", "/api/v1/topics/", "/api/v1/articles/", "/api/v1/widget/", "/widget.js", "/widget.css"],
)
def test_what_everybody_may_read_is_read_without_cookies(client, path):
    response = client.get(path, headers={"Origin": HOST})
    assert response.status_code == 200
    assert response[ALLOW] == "*"
    assert "Access-Control-Allow-Credentials" not in response
    assert not response.cookies


@pytest.mark.parametrize(
    "path", ["/api/v1/suggestions/", "/api/v1/tickets/", "/api/v1/journeys/", "/api/v1/chats/", JOURNEY]
)
def test_what_may_be_sent_is_told_beforehand(client, path, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = preflight(client, path)
    assert response.status_code == 204
    assert response[ALLOW] == "*"
    assert response["Access-Control-Allow-Methods"] == "POST"
    assert {"Content-Type", "Idempotency-Key"} <= set(response["Access-Control-Allow-Headers"].split(", "))
    assert "Authorization" not in response["Access-Control-Allow-Headers"]
    assert int(response["Access-Control-Max-Age"]) > 0


def test_errors_may_be_read_too(client):
    response = client.post("/api/v1/tickets/", {}, content_type="application/json", headers={"Origin": HOST})
    assert response.status_code == 400
    assert response[ALLOW] == "*"


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/v1/tickets/", "GET"),
        ("/api/v1/tickets/SV-10001/", "GET"),
        ("/api/v1/tickets/SV-10001/", "PATCH"),
        ("/api/v1/tickets/SV-10001/messages/", "POST"),
        ("/api/v1/customers/", "GET"),
        ("/desk/", "GET"),
        ("/admin/", "GET"),
        ("/reports/", "GET"),
        ("/en/", "GET"),
        ("/en/contact/", "POST"),
        ("/en/help-offer/", "POST"),
        ("/accounts/login/", "POST"),
        ("/metrics", "GET"),
        (CHAT + "other/", "GET"),
        ("/api/v1/search/", "DELETE"),
    ],
)
def test_nothing_else_may_be_asked(client, path, method):
    assert ALLOW not in preflight(client, path, method, headers="authorization")


def test_a_page_of_another_site_reads_no_case(client):
    ticket = make_ticket()
    page = client.get(case_url(ticket), headers={"Origin": HOST})
    assert page.status_code == 200
    assert ALLOW not in page
    system = caller_for(ada())
    system.headers["Origin"] = HOST
    listed = system.get("/api/v1/tickets/")
    assert listed.status_code == 200
    assert ALLOW not in listed


def test_a_chat_opens_to_its_key_alone(client):
    response = client.get(CHAT, headers={"Origin": HOST, "Chat-Key": "guessed"})
    assert response.status_code == 404
    assert preflight(client, CHAT, "GET", "chat-key").status_code == 204


def test_only_the_sites_that_are_named(client, settings):
    settings.WIDGET_ORIGINS = [HOST]
    known = client.get("/api/v1/topics/", headers={"Origin": HOST})
    assert known[ALLOW] == HOST
    assert "Origin" in known["Vary"]
    stranger = client.get("/api/v1/topics/", headers={"Origin": "https://shop.example.evil.test"})
    assert ALLOW not in stranger
    assert "Origin" in stranger["Vary"]
    refused = preflight(client, "/api/v1/tickets/", origin="https://evil.test")
    assert ALLOW not in refused
    assert "Access-Control-Allow-Methods" not in refused


def test_limits_hold_for_other_sites(client, monkeypatch):
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"search": "1/min"})
    client.get("/api/v1/search/?q=wool", headers={"Origin": HOST})
    response = client.get("/api/v1/search/?q=wool", headers={"Origin": HOST})
    assert response.status_code == 429
    assert "Retry-After" in response["Access-Control-Expose-Headers"]
