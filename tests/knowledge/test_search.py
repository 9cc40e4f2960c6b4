"""The search box: languages, prefixes, odd input, and a broken index."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from knowledge.models import ArticleTranslation
from knowledge.search import analysis, maintenance, snapshot
from knowledge.search.query import Matched, search_articles
from knowledge.search_indexes import ArticleTranslationIndex
from knowledge.services.publishing import publish, save_text, withdraw
from tests.factories import TopicFactory, publish_article

pytestmark = pytest.mark.django_db


def titles(text: str, language: str = "en", **options: object) -> list[str]:
    return [result.translation.title for result in search_articles(text, language, **options).results]


@pytest.mark.parametrize(
    ("language", "title", "query"),
    [
        ("en", "Returning a parcel", "returned parcels"),
        ("sv", "Ändra leveransadressen", "ändrade leveransadresser"),
        ("nb", "Endre leveringsadressen", "endret leveringsadresse"),
        ("da", "Ændre leveringsadressen", "ændrede leveringsadresser"),
    ],
)
def test_each_language_finds_other_forms_of_a_word(commit, language, title, query):
    with commit():
        publish_article(title, "Text.", language=language)
    assert titles(query, language) == [title]


def test_letters_are_letters_yet_a_plain_keyboard_finds_them(commit):
    with commit():
        publish_article("När kommer min återbetalning?", "Text.", language="sv")
        publish_article("Får vi ull?", "Fåret ger ull.", language="sv")
    assert titles("aterbetalning", "sv") == ["När kommer min återbetalning?"]
    assert titles("far", "sv", is_typing=False) != []  # somebody without å on the keyboard
    assert titles("fär", "sv") == []


def test_prefixes_match_while_typing(commit):
    with commit():
        publish_article("Track my parcel", "Open the link.")
        publish_article("Ways to pay", "Card or invoice.")
    assert titles("tra", is_typing=True) == ["Track my parcel"]
    assert titles("track pa", is_typing=True) == ["Track my parcel"]
    assert titles("tra") == []


def test_phrasings_are_searched_and_the_title_weighs_most(commit):
    with commit():
        publish_article("When do I get my refund?", "Five days.", phrasings=["where is my money"])
        publish_article("Delivery", "You can pay with money on a gift card.")
    assert titles("money") == ["When do I get my refund?", "Delivery"]


def test_all_words_first_and_most_of_the_words_otherwise(commit):
    with commit():
        publish_article("Gift cards", "Use a gift card in the checkout.")
    found = search_articles("gift card zebra", "en")
    assert found.matched is Matched.SOME
    assert search_articles("gift card", "en").matched is Matched.ALL
    assert search_articles("zebra elephant card", "en").matched is Matched.NONE


def test_articles_of_another_language_come_last_and_marked(commit):
    with commit():
        own = publish_article("Kvittering", "Her er kvitteringen.", language="nb")
        publish_article("Kvittering", "Her er kvitteringen.", language="da")
        publish_article("Kvittering på svensk", "Kvitto.", language="sv", article=own.article)
    found = search_articles("kvittering", "nb")
    assert [(r.translation.language, r.is_other_language) for r in found.results] == [("nb", False), ("da", True)]


def test_a_topic_narrows(commit):
    delivery = TopicFactory(slug="delivery")
    with commit():
        publish_article("Parcel lost", "Text.", topic=delivery)
        publish_article("Parcel returned", "Text.")
    assert titles("parcel", topic="delivery") == ["Parcel lost"]


@pytest.mark.parametrize(
    "text",
    ["", " ", "*", '"', "'; DROP TABLE", "AND OR NOT", "title:x", "((", "\x00", "🧦", "ابحث", "a" * 5000, "?" * 300],
)
def test_no_text_is_syntax_or_too_odd(commit, text):
    with commit():
        publish_article()
    assert search_articles(text, "en").total >= 0
    assert search_articles(text, "en", is_typing=True).total >= 0


def test_publishing_makes_findable_and_withdrawing_unfindable(commit):
    with commit():
        text = publish_article("Moths in wool", "Freeze it.")
    assert titles("moths") == ["Moths in wool"]
    with commit():
        publish(save_text(article=text.article, language="en", title="Beetles in wool", body="Freeze it."))
    assert titles("moths") == []
    assert titles("beetles") == ["Beetles in wool"]
    with commit():
        withdraw(text)
    assert titles("beetles") == []


def test_what_a_lost_job_left_behind_is_indexed_later():
    text = publish_article("Moths in wool", "Freeze it.")
    maintenance.rebuild()
    ArticleTranslation.objects.filter(pk=text.pk).update(title="Beetles", updated_at=timezone.now())
    assert maintenance.index_pending() == 1
    assert titles("beetles") == ["Beetles"]
    assert maintenance.index_pending() == 0


class TestBrokenIndex:
    @pytest.fixture(autouse=True)
    def _no_repair(self, monkeypatch):
        monkeypatch.setattr("knowledge.background.enqueue", lambda *args, **when: True)

    def test_a_missing_index_is_answered_from_the_database(self):
        publish_article("Track my parcel", "Open the link in the e-mail.")
        found = search_articles("parcels", "en")
        assert found.is_degraded
        assert [r.translation.title for r in found.results] == ["Track my parcel"]

    def test_a_damaged_index_is_answered_from_the_database(self, commit):
        with commit():
            publish_article("Track my parcel", "Open the link.")
        for file in Path(settings.HAYSTACK_CONNECTIONS["default"]["PATH"]).rglob("*.toc"):
            file.write_bytes(file.read_bytes()[:20])
        # Another process's view: nothing open yet.
        snapshot.latest.forget()
        found = search_articles("parcel", "en")
        assert found.is_degraded
        assert found.total == 1
        assert maintenance.problem()

    def test_a_rebuild_heals(self, commit):
        publish_article("Track my parcel", "Open the link.")
        shutil.rmtree(settings.HAYSTACK_CONNECTIONS["default"]["PATH"], ignore_errors=True)
        assert maintenance.rebuild() == 1
        assert not search_articles("parcel", "en").is_degraded


def test_searches_go_on_while_the_index_is_rebuilt(commit, monkeypatch):
    with commit():
        publish_article("Track my parcel", "Open the link.")
    seen = []
    real = ArticleTranslationIndex.full_prepare

    def search_and_prepare(self, text):
        seen.append(titles("parcel"))
        return real(self, text)

    monkeypatch.setattr(ArticleTranslationIndex, "full_prepare", search_and_prepare)
    maintenance.rebuild()
    assert seen == [["Track my parcel"]]


def test_a_query_is_normalised_for_counting():
    assert analysis.normalise_query("  Where  IS\tmy\x00 Parcel ") == "where is my parcel"
    assert len(analysis.normalise_query("x" * 999)) == 200


def test_searching_costs_few_queries(commit, django_assert_max_num_queries):
    topic = TopicFactory()
    with commit():
        for number in range(12):
            publish_article(f"Parcel {number}", "Text.", topic=topic)
    search_articles("parcel", "en")
    with django_assert_max_num_queries(2):
        found = search_articles("parcel", "en")
        assert [r.passage.plain for r in found.results]
    assert found.total == 12


def test_a_compound_of_which_no_text_has_every_part_finds_those_with_some(commit):
    with commit():
        publish_article("Se din faktura", "Fakturan finns på Mina sidor.", language="sv")
        publish_article("Byta storlek", "Skicka tillbaka varan.", language="sv")
    found = search_articles("fakturakopia", "sv")
    assert [result.translation.title for result in found.results] == ["Se din faktura"]
    assert found.matched is Matched.SOME
    assert titles("zebrafinkskopia", "sv") == []
