"""The rest of the admin: gaps, topics, the organisation, what is read and not written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from knowledge.models import (
    Article,
    ArticleTranslation,
    ArticleView,
    ContentGap,
    Feedback,
    GapEvidence,
    Organisation,
    Topic,
)
from knowledge.services.publishing import save_text
from tests.factories import TopicFactory, UserFactory, publish_article
from tests.people import max_

pytestmark = pytest.mark.django_db

ARTICLES = "/admin/knowledge/article/"


# --- Gaps ---------------------------------------------------------------------------------------------


@pytest.fixture
def gap():
    gap = ContentGap.objects.create(title="Do you sell gift cards?", language="en", search_count=3, case_count=1)
    GapEvidence.objects.create(gap=gap, kind="search", source="search:1", text="gift card <b>", times=3)
    return gap


def test_gaps_waiting_come_first_the_biggest_on_top(agent, gap):
    ContentGap.objects.create(title="Small", language="en", search_count=1)
    ContentGap.objects.create(title="Done", language="en", case_count=9, status=ContentGap.Status.ANSWERED)
    listed = agent.get("/admin/knowledge/contentgap/").context["cl"].result_list
    assert [one.title for one in listed] == ["Do you sell gift cards?", "Small"]
    listed = agent.get("/admin/knowledge/contentgap/?status=all&_facets=True").context["cl"].result_list
    assert len(listed) == 3


def test_a_gap_becomes_a_draft_with_one_click_and_only_once(agent, gap):
    address = f"/admin/knowledge/contentgap/{gap.pk}/"
    page = agent.get(f"{address}change/").content.decode()
    assert "Write a draft article" in page
    assert "gift card &lt;b&gt;" in page
    response = agent.post(f"{address}draft/")
    text = ArticleTranslation.objects.get()
    assert response.url == reverse("admin:knowledge_articletranslation_change", args=[text.pk])
    page = agent.get(response.url).content.decode()
    assert "What customers asked" in page
    assert "gift card &lt;b&gt;" in page
    assert "gift card <b>" not in text.body
    assert agent.post(f"{address}draft/").url == response.url
    assert Article.objects.count() == 1
    page = agent.get(f"{address}change/").content.decode()
    assert "Open the draft" in page
    assert "Write a draft article" not in page


def test_a_gap_is_dismissed(agent, gap):
    assert agent.post(f"/admin/knowledge/contentgap/{gap.pk}/dismiss/").status_code == 302
    gap.refresh_from_db()
    assert gap.status == ContentGap.Status.DISMISSED


def test_who_may_not_write_sees_gaps_and_works_none(client, gap):
    client.force_login(max_())
    address = f"/admin/knowledge/contentgap/{gap.pk}/"
    assert "Write a draft article" not in client.get(f"{address}change/").content.decode()
    assert client.post(f"{address}draft/").status_code == 403
    assert client.post(f"{address}dismiss/").status_code == 403
    assert not Article.objects.exists()


# --- Topics -------------------------------------------------------------------------------------------


def _topic_form(**fields: object) -> dict[str, object]:
    rows = {"translations-TOTAL_FORMS": 4, "translations-INITIAL_FORMS": 0}
    for number, code in enumerate(["en", "sv", "nb", "da"]):
        rows |= {f"translations-{number}-language": code, f"translations-{number}-name": ""}
    return {"slug": "gifts", "kind": "help", "icon": "box", "position": 1, "is_visible": "on", **rows, **fields}


def test_a_topic_gets_its_name_in_each_language_once(editor):
    add = "/admin/knowledge/topic/add/"
    data = _topic_form(**{"translations-0-name": "Gifts", "translations-1-name": "Presenter"})
    assert editor.post(add, data).status_code == 302
    assert {text.language for text in Topic.objects.get().translations.all()} == {"en", "sv"}
    twice = _topic_form(slug="more", **{"translations-0-name": "One", "translations-1-name": "Two"})
    twice["translations-1-language"] = "en"
    assert editor.post(add, twice).status_code == 200
    assert Topic.objects.count() == 1


def test_a_topic_never_lies_below_itself(editor):
    parent = TopicFactory(slug="parent")
    child = TopicFactory(slug="child", parent=parent)
    data = _topic_form(parent=child.pk)
    response = editor.post(f"/admin/knowledge/topic/{parent.pk}/change/", data)
    assert "A topic cannot be placed below itself." in response.content.decode()


def test_agents_see_topics_and_change_none(agent):
    topic = TopicFactory()
    assert agent.get(f"/admin/knowledge/topic/{topic.pk}/change/").status_code == 200
    assert agent.post(f"/admin/knowledge/topic/{topic.pk}/change/", _topic_form()).status_code == 403


# --- The organisation ---------------------------------------------------------------------------------


@pytest.fixture
def administrator(client):
    client.force_login(UserFactory(email="root@example.com", roles=["administrator"], is_staff=True))
    return client


PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def _look(logo: SimpleUploadedFile | None = None, **fields: str) -> dict[str, object]:
    values = {"name": "Havsvind", "brand_light": "#005577", "brand_dark": "#66aacc"}
    values |= {"default_language": "sv", "agent_names": "none"}
    return {**values, **fields, **({"logo": logo} if logo else {})}


def test_the_organisation_is_one_row(administrator):
    response = administrator.get("/admin/knowledge/organisation/")
    assert response.url == "/admin/knowledge/organisation/1/change/"
    assert administrator.get(response.url).status_code == 200
    assert administrator.post(response.url, _look()).status_code == 302
    assert administrator.get("/admin/knowledge/organisation/add/").status_code == 403
    row = Organisation.objects.get()
    assert (row.name, row.brand_dark, row.default_language) == ("Havsvind", "#66aacc", "sv")
    assert row.agent_names == "none"
    administrator.post(response.url, _look(derive_dark="on"))
    assert Organisation.objects.get().brand_dark == ""


@pytest.mark.parametrize(
    ("name", "content", "is_taken"),
    [
        ("logo.png", PNG, True),
        ("logo.html", PNG, True),
        ("logo.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", True),
        ("logo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", True),
        ("logo.svg", SVG, False),
        ("logo.png", SVG, False),
        ("logo.png", b"MZ\x90\x00", False),
        ("logo.png", PNG + b"\x00" * 300_000, False),
        ("logo.png", b"", False),
    ],
)
def test_a_logo_is_what_its_bytes_say(administrator, settings, tmp_path, name, content, is_taken):
    settings.MEDIA_ROOT = tmp_path
    Organisation.objects.create()
    administrator.post("/admin/knowledge/organisation/1/change/", _look(SimpleUploadedFile(name, content)))
    logo = Organisation.objects.get().logo
    assert bool(logo) is is_taken
    assert not logo or logo.name.rsplit(".", 1)[1] in ("png", "webp", "jpg")


@pytest.mark.parametrize("colour", ["red", "#12", "#12345g", "url(x)"])
def test_a_colour_is_a_colour(administrator, colour):
    Organisation.objects.create()
    response = administrator.post("/admin/knowledge/organisation/1/change/", _look(brand_light=colour))
    assert response.status_code == 200


# --- What is only read --------------------------------------------------------------------------------


def test_feedback_and_searches_are_read_and_not_written(editor):
    text = publish_article("Refunds")
    said = Feedback.objects.create(translation=text, is_helpful=False, reason="unclear", comment="<i>What</i>?")
    page = editor.get("/admin/knowledge/feedback/?is_helpful__exact=0&comment=yes").content.decode()
    assert "&lt;i&gt;What&lt;/i&gt;?" in page
    assert editor.get("/admin/knowledge/feedback/add/").status_code == 403
    assert editor.post(f"/admin/knowledge/feedback/{said.pk}/change/", {"comment": "nicer"}).status_code == 403
    for query in ("", "?result=none", "?result=unanswered", "?result=opened", "?q=x"):
        assert editor.get(f"/admin/knowledge/searchevent/{query}").status_code == 200
    assert Feedback.objects.get().comment == "<i>What</i>?"


def test_readings_older_than_a_month_do_not_count(agent):
    text = publish_article("Refunds")
    ArticleView.objects.create(translation=text, created_at=timezone.now() - timedelta(days=31))
    (article,) = agent.get(ARTICLES).context["cl"].result_list
    assert article.views_total == 0


def test_the_first_page_shows_what_waits(agent, gap):
    text = publish_article("Refunds")
    Feedback.objects.create(translation=text, is_helpful=False, reason="unclear", comment="Which account?")
    save_text(article=text.article, language="en", title="Refunds", body="Edited.")
    save_text(article=text.article, language="sv", title="Återbetalning", body="Utkast.")
    page = agent.get("/admin/").content.decode()
    for words in ("Do you sell gift cards?", "Published, with unpublished changes", "Återbetalning", "Which account?"):
        assert words in page
