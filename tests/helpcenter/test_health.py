"""What machines ask: alive, ready, figures."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client, override_settings

from knowledge.search.maintenance import rebuild
from tests.factories import make_ticket, publish_article
from tickets.search import upkeep

pytestmark = pytest.mark.django_db


class TestAlive:
    def test_it_answers_without_the_database(self, client: Client, django_assert_num_queries) -> None:
        with django_assert_num_queries(0):
            response = client.get("/healthz")
        assert response.status_code == 200
        assert response.json() == {"status": "ok"}

    def test_it_is_not_cached_and_sets_no_cookie(self, client: Client) -> None:
        response = client.get("/healthz")
        assert "no-store" in response["Cache-Control"]
        assert not response.cookies

    def test_it_can_only_be_read(self, client: Client) -> None:
        assert client.post("/healthz").status_code == 405

    def test_a_balancer_without_https_is_not_sent_away(self, client: Client) -> None:
        with override_settings(SECURE_SSL_REDIRECT=True, SECURE_REDIRECT_EXEMPT=[r"^healthz$", r"^readyz$"]):
            fresh = Client()
            assert fresh.get("/healthz").status_code == 200
            assert fresh.get("/readyz").status_code == 200
            assert fresh.get("/en/").status_code == 301


class TestReady:
    def test_all_is_well(self, client: Client) -> None:
        rebuild()
        upkeep.rebuild()
        assert client.get("/readyz").json() == {
            "status": "ok",
            "database": "ok",
            "search_index": "ok",
            "search_index_problem": "",
            "case_index": "ok",
            "case_index_problem": "",
            "texts_to_index": 0,
            "outbox_due": 0,
            "mailboxes_failing": 0,
        }

    def test_a_missing_index_is_told_but_the_site_is_ready(self, client: Client) -> None:
        response = client.get("/readyz")
        assert response.status_code == 200
        assert response.json()["search_index"] == "degraded"
        assert response.json()["search_index_problem"] == "There is no index."
        assert response.json()["case_index"] == "degraded"

    def test_texts_that_wait_for_the_index_are_counted(self, client: Client) -> None:
        publish_article()
        assert client.get("/readyz").json()["texts_to_index"] == 1

    def test_letters_that_wait_are_counted(self, client: Client) -> None:
        make_ticket()
        assert client.get("/readyz").json()["outbox_due"] == 1

    def test_without_a_database_it_is_not_ready(self, client: Client) -> None:
        with patch("helpcenter.views.health.connection.cursor", side_effect=OperationalError("gone")):
            response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["database"] == "down"


class TestMetrics:
    def test_the_demo_shows_them(self, client: Client) -> None:
        client.get("/healthz")
        response = client.get("/metrics")
        assert response.status_code == 200
        assert b"django_http_requests_before_middlewares_total" in response.content

    def test_they_tell_of_the_index_and_of_what_waits(self, client: Client) -> None:
        publish_article()
        make_ticket()
        lines = client.get("/metrics").content.decode().splitlines()
        assert {"svar_search_index_usable 0.0", "svar_case_index_usable 0.0"} <= set(lines)
        assert {"svar_texts_to_index 1.0", "svar_outbox_due 1.0"} <= set(lines)
        rebuild()
        lines = client.get("/metrics").content.decode().splitlines()
        assert {"svar_search_index_usable 1.0", "svar_texts_to_index 0.0"} <= set(lines)

    @pytest.mark.parametrize(
        ("token", "header", "status"),
        [
            ("", "", 404),
            ("", "Bearer ", 404),
            ("secret-token", "", 404),
            ("secret-token", "Bearer wrong", 404),
            ("secret-token", "Bearer secret-tokén", 404),
            ("secret-token", "Bearer secret-token", 200),
        ],
    )
    def test_elsewhere_they_need_the_token(self, client: Client, token: str, header: str, status: int) -> None:
        with override_settings(DEMO=False, METRICS_TOKEN=token):
            assert client.get("/metrics", headers={"Authorization": header}).status_code == status
