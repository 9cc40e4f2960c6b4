"""The way in, languages, error pages, headers."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from helpcenter.colour import contrast, dark_variant, on_colour, readable_on
from knowledge.models import Organisation
from tests.factories import TopicFactory, publish_article

pytestmark = pytest.mark.django_db


class TestFrontDoor:
    @pytest.mark.parametrize(
        ("accept", "language"),
        [
            ("sv-SE,sv;q=0.9,en;q=0.8", "sv"),
            ("no", "nb"),
            ("nn-NO", "nb"),
            ("fi,da;q=0.5", "da"),
            ("fi", "en"),
            ("sv;q=0, da", "da"),
            ("sv;q=x", "en"),
            (";;;,,,", "en"),
            ("", "en"),
        ],
    )
    def test_it_follows_the_browser(self, client, accept, language):
        response = client.get("/", headers={"Accept-Language": accept})
        assert response.status_code == 302
        assert response.url == f"/{language}/"

    def test_the_organisation_decides_where_the_browser_does_not(self, client):
        Organisation(default_language="da").save()
        assert client.get("/").url == "/da/"

    def test_a_choice_by_hand_is_remembered(self, client):
        response = client.get("/language/nb/", {"next": "/nb/contact/?q=x"})
        assert response.url == "/nb/contact/?q=x"
        assert client.get("/", headers={"Accept-Language": "sv"}).url == "/nb/"

    @pytest.mark.parametrize(
        "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "\\\\evil"]
    )
    def test_it_leads_nowhere_else(self, client, target):
        assert client.get("/language/sv/", {"next": target}).url == "/sv/"

    def test_an_unknown_language_does_not_exist(self, client):
        assert client.get("/language/xx/").status_code == 404
        assert client.get("/xx/").status_code == 404
        client.cookies["svar_language"] = "../../x"
        assert client.get("/").url == "/en/"


class TestHome:
    def test_it_works_before_there_is_anything(self, client):
        assert client.get("/en/").status_code == 200

    def test_topics_and_what_others_read(self, client):
        topic = TopicFactory(slug="returns", names={"en": "Returns", "da": "Retur"})
        publish_article(topic=topic)
        page = client.get("/da/").content.decode()
        assert "Retur" in page
        assert "When do I get my refund?" in page

    def test_it_costs_few_queries(self, client, django_assert_max_num_queries):
        for number in range(10):
            publish_article(f"Article {number}", "Text.", topic=TopicFactory())
        with django_assert_max_num_queries(12):
            client.get("/en/")


class TestErrors:
    @pytest.mark.parametrize("language", ["en", "sv", "nb", "da"])
    def test_a_missing_page_still_helps(self, client, language):
        response = client.get(f"/{language}/nothing/")
        page = response.content.decode()
        assert response.status_code == 404
        assert f'<html lang="{language}"' in page
        assert "data-escape-hatches" in page
        assert 'data-channel="form"' in page
        assert 'role="search"' in page

    def test_a_broken_page_still_helps(self, client, monkeypatch):
        def broken(*args, **kwargs):
            raise RuntimeError("broken")

        client.raise_request_exception = False
        monkeypatch.setattr("helpcenter.views.pages.popular_texts", broken)
        response = client.get("/sv/")
        assert response.status_code == 500
        page = response.content.decode()
        assert 'data-channel="form"' in page
        assert 'role="search"' in page

    def test_without_a_database_there_is_still_a_way_to_write(self, client, monkeypatch):
        def gone(*args, **kwargs):
            raise OperationalError("gone")

        client.raise_request_exception = False
        monkeypatch.setattr("helpcenter.views.pages.popular_texts", gone)
        monkeypatch.setattr("tickets.context.ways_to_reach_us", gone)
        monkeypatch.setattr("knowledge.models.Organisation.current", gone)
        response = client.get("/sv/")
        assert response.status_code == 500
        assert "/contact/" in response.content.decode()

    def test_asking_too_often_is_told_kindly(self, client, settings):
        settings.RATELIMIT_ENABLE = True
        for _ in range(31):
            response = client.post("/en/contact/", {"message": "", "email": ""})
        assert response.status_code == 429
        assert response["Retry-After"] == "60"
        assert "data-escape-hatches" in response.content.decode()

    def test_nul_in_an_address(self, client):
        assert client.get("/en/articles/a%00b/").status_code == 404
        assert client.get("/en/search/?q=a%00b").status_code == 200


class TestHeaders:
    def test_the_policy_is_strict_on_every_customer_page(self, client):
        publish_article()
        for path in ("/en/", "/en/contact/", "/en/articles/when-do-i-get-my-refund/", "/en/nothing/"):
            policy = client.get(path)["Content-Security-Policy"]
            assert "unsafe" not in policy
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy

    def test_no_page_has_inline_script_or_style(self, client):
        publish_article()
        for path in ("/en/", "/en/contact/", "/en/search/?q=x", "/en/channels/", "/en/status/", "/accounts/login/"):
            page = client.get(path).content.decode()
            assert "<style" not in page
            assert " style=" not in page
            assert "<script>" not in page
            assert " onclick=" not in page

    def test_a_request_id_is_given_back(self, client):
        assert client.get("/healthz")["X-Request-ID"]
        assert client.get("/healthz", headers={"X-Request-ID": "abc-12345678"})["X-Request-ID"] == "abc-12345678"
        assert client.get("/healthz", headers={"X-Request-ID": "bad\r\nid"})["X-Request-ID"] != "bad\r\nid"


class TestTheme:
    @pytest.mark.parametrize("colour", ["#ffff00", "#ffffff", "#000000", "#12604f", "#ff0000", "#00ffff", "#808080"])
    def test_any_brand_colour_can_be_read(self, colour):
        for background, brand in (("#f2f0e9", colour), ("#18201d", dark_variant(colour))):
            readable = readable_on(brand, background)
            assert contrast(readable, background) >= 4.5
            assert contrast(on_colour(readable), readable) >= 4.5

    def test_the_style_sheet_follows_the_organisation(self, client):
        Organisation(brand_light="#123456").save()
        response = client.get("/theme.css")
        assert response["Content-Type"].startswith("text/css")
        assert "#123456" in response.content.decode()
