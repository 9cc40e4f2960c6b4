"""Curating answers in the admin: Ada writes and publishes, Ed owns the content, Max reads, Sam gets nowhere."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from knowledge.admin.comparing import compare
from knowledge.models import (
    Article,
    ArticleTranslation,
    ArticleView,
    ContentGap,
    Feedback,
    Phrasing,
)
from knowledge.search.query import search_articles
from knowledge.services.publishing import create_article, save_text, withdraw
from tests.factories import TopicFactory, UserFactory, publish_article
from tests.people import ed, max_

pytestmark = pytest.mark.django_db

ARTICLES = "/admin/knowledge/article/"


def _change(text: ArticleTranslation) -> str:
    return reverse("admin:knowledge_articletranslation_change", args=[text.pk])


def _url(name: str, text: ArticleTranslation, *args: int) -> str:
    return reverse(f"admin:knowledge_articletranslation_{name}", args=[text.pk, *args])


def _form(text: ArticleTranslation, **fields: object) -> dict[str, object]:
    values = {"title": text.title, "summary": text.summary, "body": text.body, "slug": text.slug, "comment": ""}
    return {**values, "seen": text.revisions.count(), **fields}


# --- The list -----------------------------------------------------------------------------------------


def test_the_list_shows_title_languages_readings_and_verdicts(agent):
    text = publish_article("When do I get my refund?", topic=TopicFactory(names={"en": "Money"}))
    save_text(article=text.article, language="sv", title="När får jag pengarna?", body="Snart.")
    save_text(article=text.article, language="en", title="When do I get my refund?", body="Edited.")
    ArticleView.objects.create(translation=text)
    for is_helpful in (True, True, False):
        Feedback.objects.create(translation=text, is_helpful=is_helpful)
    page = agent.get(ARTICLES).content.decode()
    for words in ("When do I get my refund?", "Money", "EN edited", "SV draft", "67 % of 3"):
        assert words in page


def test_the_title_is_in_the_language_of_whoever_reads(client):
    text = publish_article("Refunds")
    publish_article("Återbetalning", language="sv", article=text.article)
    client.force_login(UserFactory(email="s@example.com", roles=["agent"], is_staff=True, language="sv"))
    assert "Återbetalning" in client.get(ARTICLES).content.decode()


def test_the_list_costs_the_same_for_few_and_many(agent, django_assert_max_num_queries):
    for number in range(12):
        text = publish_article(f"Article {number}", topic=TopicFactory(names={"en": "A", "sv": "B"}))
        publish_article(f"Artikel {number}", language="sv", article=text.article)
    with django_assert_max_num_queries(15):
        page = agent.get(ARTICLES)
    assert page.context["cl"].result_count == 12


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"both", "english", "new"}),
        ("language=sv", {"both"}),
        ("language=-sv", {"english", "new"}),
        ("status=draft", {"both", "new"}),
        ("status=published&language=sv", set()),
        ("status=draft&language=sv", {"both"}),
        ("status=edited", {"english"}),
        ("topic=none", {"english", "new"}),
        ("q=needle", {"english"}),
        ("o=-3", {"both", "english", "new"}),
        ("o=5", {"both", "english", "new"}),
        ("_facets=True", {"both", "english", "new"}),
        ("topic=x&language=xx&status=xx", {"both", "english", "new"}),
    ],
)
def test_filters_and_search(agent, query, expected):
    both = publish_article("Both", topic=TopicFactory())
    save_text(article=both.article, language="sv", title="Båda", body="Utkast.")
    english = publish_article("English", "A needle in a haystack.")
    save_text(article=english.article, language="en", title="English", body="A needle, edited.")
    save_text(article=create_article(key="new"), language="en", title="New", body="")
    found = agent.get(f"{ARTICLES}?{query}", follow=True).context["cl"].result_list
    assert {article.key for article in found} == expected


# --- An article ---------------------------------------------------------------------------------------


def test_a_new_article_begins_with_a_title_and_leads_to_its_text(agent):
    topic = TopicFactory()
    response = agent.post(f"{ARTICLES}add/", {"title": "Gift cards", "language": "en", "topic": topic.pk})
    text = ArticleTranslation.objects.get()
    assert response.url == _change(text)
    assert (text.article.key, text.article.topic, text.status) == ("gift-cards", topic, "draft")
    assert text.revisions.get().author.email == "ada@example.com"


def test_an_article_shows_its_texts_and_where_to_write_the_missing_ones(agent):
    text = publish_article("Refunds")
    page = agent.get(f"{ARTICLES}{text.article_id}/change/").content.decode()
    assert _change(text) in page
    assert f"article={text.article_id}&amp;language=da" in page
    assert "Add text in Dansk" in page


def test_phrasings_and_topic_reach_the_index(agent, commit):
    with commit():
        text = publish_article("Refunds")
    topic = TopicFactory(slug="money")
    data = {
        "key": "refunds",
        "topic": topic.pk,
        "phrasings-TOTAL_FORMS": 1,
        "phrasings-INITIAL_FORMS": 0,
        "phrasings-0-language": "en",
        "phrasings-0-text": "where is my cash",
    }
    with commit():
        response = agent.post(f"{ARTICLES}{text.article_id}/change/", data)
    assert response.status_code == 302
    assert Phrasing.objects.get().source == "agent"
    assert search_articles("cash", "en", topic="money").total == 1


def test_what_customers_read_cannot_be_deleted_before_it_is_withdrawn(editor):
    text = publish_article("Refunds")
    delete = f"{ARTICLES}{text.article_id}/delete/"
    assert editor.post(delete, {"post": "yes"}).status_code == 403
    assert editor.post(reverse("admin:knowledge_articletranslation_delete", args=[text.pk])).status_code == 403
    withdraw(text)
    assert editor.post(delete, {"post": "yes"}).status_code == 302
    assert not Article.objects.exists()


# --- A text -------------------------------------------------------------------------------------------


def test_the_missing_language_is_written_from_a_link(agent):
    article = publish_article("Refunds").article
    address = f"/admin/knowledge/articletranslation/add/?article={article.pk}&language=sv"
    assert agent.get(address).status_code == 200
    data = {"article": article.pk, "language": "sv", "title": "Återbetalning", "body": "Fem dagar."}
    response = agent.post(address, data)
    text = ArticleTranslation.objects.get(language="sv")
    assert response.url == _change(text)
    assert (text.slug, text.status, text.revisions.count()) == ("aterbetalning", "draft", 1)


def test_one_text_a_language(agent):
    article = publish_article("Refunds").article
    data = {"article": article.pk, "language": "en", "title": "Again", "body": "x"}
    response = agent.post("/admin/knowledge/articletranslation/add/", data)
    assert response.status_code == 200
    assert ArticleTranslation.objects.count() == 1


def test_editing_saves_a_revision_and_leaves_what_customers_read(agent):
    text = publish_article("Refunds", "Five days.")
    response = agent.post(_change(text), _form(text, body="Three days.", comment="New policy"), follow=True)
    page = response.content.decode()
    text = ArticleTranslation.objects.get()
    newest = text.revisions.first()
    assert text.body == "Five days."
    assert (newest.body, newest.comment, newest.author.email) == ("Three days.", "New policy", "ada@example.com")
    assert "changes that customers do not see yet" in page
    assert "Three days." in page  # the form goes on from the newest revision


def test_save_and_publish(agent, commit):
    text = publish_article("Refunds", "Five days.")
    with commit():
        agent.post(
            _change(text),
            _form(text, body="Within three days.", knowledge_articletranslation_save_and_publish=""),
        )
    assert ArticleTranslation.objects.get().body == "Within three days."
    assert search_articles("within three", "en").total == 1


def test_a_taken_address_is_refused_in_the_form_and_nothing_is_lost(agent):
    publish_article("Returns")
    text = publish_article("Refunds", "Five days.")
    page = agent.post(_change(text), _form(text, slug="returns", body="Unsaved words.")).content.decode()
    assert "“Returns” has this address already." in page
    assert "Unsaved words." in page
    assert ArticleTranslation.objects.get(pk=text.pk).slug == "refunds"


def test_an_empty_address_stays_what_it_was(agent):
    text = publish_article("Refunds")
    agent.post(_change(text), _form(text, slug="", title="Money back"))
    assert ArticleTranslation.objects.get().slug == "refunds"


@pytest.mark.parametrize("field", ["title", "body", "summary", "comment"])
def test_markup_in_a_field_is_shown_as_text(agent, field):
    text = publish_article("Refunds")
    page = agent.post(_change(text), _form(text, **{field: "<script>alert(1)</script>"}), follow=True)
    assert "<script>alert(1)" not in page.content.decode()


def test_a_text_that_is_too_long_or_has_no_title_is_refused(agent):
    text = publish_article("Refunds")
    for fields in ({"body": "x" * 200_001}, {"title": ""}, {"title": "x" * 161}, {"slug": "not a slug"}):
        assert agent.post(_change(text), _form(text, **fields)).status_code == 200
    assert text.revisions.count() == 1


def test_a_colleagues_newer_text_is_not_overwritten_unknowingly(agent):
    text = publish_article("Refunds", "Five days.")
    stale = _form(text, body="Mine.")
    save_text(article=text.article, language="en", title="Refunds", body="Theirs.", author=ed())
    page = agent.post(_change(text), stale)
    assert "Ed Berg saved revision 2 while you were writing" in page.content.decode()
    assert "Mine." in page.content.decode()
    assert text.revisions.count() == 2
    again = {**stale, "seen": page.context["adminform"].form["seen"].value()}
    assert agent.post(_change(text), again).status_code == 302
    assert [revision.body for revision in text.revisions.all()] == ["Mine.", "Theirs.", "Five days."]


def test_publishing_takes_the_revision_that_was_looked_at(agent):
    text = publish_article("Refunds", "One.")
    save_text(article=text.article, language="en", title="Refunds", body="Two.")
    save_text(article=text.article, language="en", title="Refunds", body="Three, after the page was opened.")
    assert agent.post(_url("publish", text, 2)).url == _change(text)
    assert ArticleTranslation.objects.get().body == "Two."


def test_withdrawing(agent):
    text = publish_article("Refunds")
    page = agent.post(_url("withdraw", text), follow=True).content.decode()
    assert "Customers cannot read it any more." in page
    assert ArticleTranslation.objects.get().status == "withdrawn"


def test_revisions_are_listed_compared_and_restored(agent):
    text = publish_article("Refunds", "Within five days.\n\nAsk us.")
    save_text(
        article=text.article, language="en", title="Refunds", body="Within <b>three</b> days.\n\nAsk us.", comment="Why"
    )
    listing = agent.get(_url("revisions", text)).content.decode()
    assert "Why" in listing
    page = agent.get(_url("compare", text) + "?old=1&new=2").content.decode()
    assert "<b>five</b>" in page
    assert "&lt;" in page
    assert "<b>three</b> days" not in page
    agent.post(_url("restore", text, 1))
    assert text.revisions.first().body == "Within five days.\n\nAsk us."


@pytest.mark.parametrize("query", ["", "?old=1", "?old=1&new=99", "?old=x&new=1", "?old=1&new=" + "9" * 40])
def test_comparing_with_what_is_not_there_is_not_found(agent, query):
    assert agent.get(_url("compare", publish_article("Refunds")) + query).status_code == 404


def test_who_may_do_what_with_a_text(client):
    text = publish_article("Refunds")
    reads = [_change(text), _url("revisions", text), _url("compare", text) + "?old=1&new=1"]
    writes = [_url("publish", text, 1), _url("restore", text, 1), _url("withdraw", text)]
    for address in [*reads, *writes]:
        assert "/accounts/login/" in client.get(address, follow=True).redirect_chain[-1][0]
    client.force_login(max_())
    assert [client.get(address).status_code for address in reads] == [200, 200, 200]
    assert [client.post(address).status_code for address in writes] == [403, 403, 403]
    assert client.post(_change(text), _form(text, body="Not mine to write.")).status_code == 403
    assert ArticleTranslation.objects.get().status == "published"
    assert text.revisions.count() == 1


def test_who_may_write_but_not_publish_gets_no_further(client):
    writer = UserFactory(email="w@example.com", is_staff=True)
    writer.user_permissions.set(
        Permission.objects.filter(codename__in=["view_articletranslation", "change_articletranslation"])
    )
    client.force_login(writer)
    text = publish_article("Refunds", "Five days.")
    assert "save_and_publish" not in client.get(_change(text)).content.decode()
    forged = _form(text, body="Mine.", knowledge_articletranslation_save_and_publish="")
    assert client.post(_change(text), forged).status_code == 403
    assert client.post(_url("publish", text, 1)).status_code == 403
    assert client.post(_change(text), _form(text, body="Mine.")).status_code == 302
    assert ArticleTranslation.objects.get().body == "Five days."


def test_what_changes_something_is_never_a_link(agent):
    text = publish_article("Refunds")
    gap = ContentGap.objects.create(title="Gifts?", language="en")
    posts = [
        _url("publish", text, 1),
        _url("restore", text, 1),
        _url("withdraw", text),
        f"/admin/knowledge/contentgap/{gap.pk}/draft/",
        f"/admin/knowledge/contentgap/{gap.pk}/dismiss/",
    ]
    assert {agent.get(address).status_code for address in posts} == {405}
    missing = ["/admin/knowledge/articletranslation/999/withdraw/", "/admin/knowledge/contentgap/999/draft/"]
    assert {agent.post(address).status_code for address in missing} == {404}


# --- Comparing ----------------------------------------------------------------------------------------


def test_a_comparison_goes_by_line_and_by_word():
    old = "\n".join(["Same"] * 10 + ["We pay within five days."])
    new = "\n".join(["Same"] * 10 + ["We pay within three days.", "Ask us."])
    gap, *context, removed, added, extra = compare(old, new)
    assert (gap.kind, gap.count) == ("gap", 7)
    assert [line.kind for line in context] == ["same"] * 3
    assert [piece.text for piece in removed.pieces if piece.is_changed] == ["five"]
    assert [piece.text for piece in added.pieces if piece.is_changed] == ["three"]
    assert (extra.kind, extra.pieces[0].text) == ("added", "Ask us.")


def test_the_same_text_has_no_difference_and_unlike_lines_are_not_mixed():
    assert compare("a\nb", "a\nb") == []
    removed, added = compare("One thing entirely", "Quite different, isn't it?")
    assert [piece.is_changed for piece in (*removed.pieces, *added.pieces)] == [True, True]
    assert [line.kind for line in compare("", "new")] == ["added"]


def test_a_very_long_text_is_compared_in_reasonable_time():
    long = "\n".join(f"word{number % 97} again" if number % 2 else "" for number in range(5000))
    assert compare(long, long.replace("word5 ", "word6 "))
