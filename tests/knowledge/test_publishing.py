"""Texts from first draft to withdrawal: what customers read changes when somebody publishes, and only then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge.models import Article, ArticleTranslation, ContentGap, Phrasing, Revision
from knowledge.search.query import search_articles
from knowledge.services.publishing import (
    add_phrasings,
    create_article,
    free_slug,
    publish,
    restore,
    save_text,
    touch,
    withdraw,
)
from tests.factories import TopicFactory, publish_article
from tests.people import ada

pytestmark = pytest.mark.django_db


def _found(query: str, language: str = "en") -> list[str]:
    return [result.translation.title for result in search_articles(query, language).results]


def test_a_first_text_is_a_draft_with_one_revision():
    author = ada()
    article = create_article(key="Refunds")
    revision = save_text(article=article, language="en", title="Refunds", body="Soon.", author=author, comment="First")
    text = revision.translation
    assert (text.status, text.slug, text.published_at) == ("draft", "refunds", None)
    assert (revision.number, revision.author, revision.comment) == (1, author, "First")
    assert not text.is_public()


def test_a_draft_shows_its_newest_state_and_counts_its_revisions():
    article = create_article(key="refunds")
    save_text(article=article, language="en", title="Refunds", body="One.")
    second = save_text(article=article, language="en", title="Refunds", body="Two.")
    text = ArticleTranslation.objects.get()
    assert second.number == 2
    assert text.body == "Two."
    assert not text.has_unpublished_changes


def test_saving_what_is_saved_makes_no_new_revision():
    article = create_article(key="refunds")
    first = save_text(article=article, language="en", title="Refunds", body="One.")
    assert save_text(article=article, language="en", title=" Refunds ", body="One.\n") == first
    assert Revision.objects.count() == 1


def test_an_edit_waits_until_it_is_published():
    text = publish_article("Refunds", "Five days.")
    edit = save_text(article=text.article, language="en", title="Refunds", body="Three days.")
    text = ArticleTranslation.objects.get()
    assert (text.body, text.has_unpublished_changes) == ("Five days.", True)
    publish(edit)
    text = ArticleTranslation.objects.get()
    assert (text.body, text.has_unpublished_changes) == ("Three days.", False)


def test_publishing_again_keeps_the_first_date_and_notes_the_edit():
    then = timezone.now() - timedelta(days=3)
    article = create_article(key="refunds")
    publish(save_text(article=article, language="en", title="Refunds", body="Five."), at=then)
    text = publish(save_text(article=article, language="en", title="Refunds", body="Three."))
    assert text.published_at == then
    assert text.edited_at is not None
    assert text.edited_at > then


def test_a_withdrawn_text_is_kept_and_not_public():
    text = publish_article("Refunds")
    withdraw(text)
    text.refresh_from_db()
    assert text.status == "withdrawn"
    assert not text.is_public()
    assert text.revisions.count() == 1
    assert not ArticleTranslation.objects.published().exists()


def test_restoring_saves_the_old_state_as_the_newest_and_publishes_nothing():
    text = publish_article("Refunds", "Five days.")
    first = text.revisions.get()
    publish(save_text(article=text.article, language="en", title="Money back", body="Three days."))
    back = restore(first, author=ada())
    text = ArticleTranslation.objects.get()
    assert (back.number, back.title, back.body) == (3, "Refunds", "Five days.")
    assert "1" in back.comment
    assert (text.title, text.has_unpublished_changes) == ("Money back", True)


def test_slugs_are_readable_unique_in_their_language_and_free_in_others():
    assert free_slug("Hur gör jag en återbetalning?", "sv") == "hur-gor-jag-en-aterbetalning"
    assert free_slug("???", "en") == "article"
    publish_article("Refunds")
    assert free_slug("Refunds", "en") == "refunds-2"
    assert free_slug("Refunds", "sv") == "refunds"


def test_a_slug_changes_only_when_one_is_given():
    text = publish_article("Refunds")
    save_text(article=text.article, language="en", title="Money back", body="Soon.")
    assert ArticleTranslation.objects.get().slug == "refunds"
    save_text(article=text.article, language="en", title="Money back", body="Soon.", slug="money-back")
    assert ArticleTranslation.objects.get().slug == "money-back"


def test_keys_are_unique():
    assert create_article(key="Refunds").key == "refunds"
    assert create_article(key="refunds").key == "refunds-2"


def test_phrasings_are_added_once_whatever_their_case_and_never_empty():
    article = create_article(key="refunds")
    assert add_phrasings(article, "en", ["Where is my money", "where is my MONEY ", "", "  "]) == 1
    assert add_phrasings(article, "en", ["WHERE IS MY MONEY"]) == 0
    assert add_phrasings(article, "sv", ["Var är mina pengar"]) == 1
    assert not Phrasing.objects.filter(text="").exists()


def test_publishing_answers_the_gap_that_the_article_was_written_for():
    article = create_article(key="gift-cards")
    gap = ContentGap.objects.create(
        title="Do you sell gift cards?", language="en", article=article, status=ContentGap.Status.DRAFTED
    )
    publish(save_text(article=article, language="en", title="Gift cards", body="Yes."))
    gap.refresh_from_db()
    assert gap.status == ContentGap.Status.ANSWERED


def test_the_index_follows_publishing_editing_phrasings_and_withdrawal(commit):
    with commit():
        text = publish_article("Returns", "Send the parcel back within thirty days.")
    assert _found("thirty days") == ["Returns"]

    with commit():
        edit = save_text(article=text.article, language="en", title="Returns", body="Send it back within a fortnight.")
    assert _found("fortnight") == []

    with commit():
        publish(edit)
    assert _found("fortnight") == ["Returns"]
    assert _found("thirty days") == []

    with commit():
        add_phrasings(text.article, "en", ["I regret my purchase"])
    assert _found("regret purchase") == ["Returns"]

    with commit():
        withdraw(ArticleTranslation.objects.get())
    assert _found("fortnight") == []


def test_touching_an_article_has_a_new_topic_found(commit):
    with commit():
        text = publish_article("Returns")
    topic = TopicFactory(slug="returns")
    with commit():
        Article.objects.update(topic=topic)
        touch(Article.objects.get())
    assert text.article.translations.get().updated_at > text.updated_at
    assert search_articles("returns", "en", topic="returns").total == 1


def test_touching_leaves_drafts_out_of_the_index(commit):
    article = create_article(key="draft")
    with commit():
        save_text(article=article, language="en", title="A secret draft", body="Not yet.")
        touch(article)
    assert _found("secret draft") == []
