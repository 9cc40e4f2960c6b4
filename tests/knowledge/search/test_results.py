"""What a search answers with: sections, topics, corrections, other languages, and texts fetched when shown."""

from __future__ import annotations

import pytest

from knowledge.models import ArticleTranslation
from knowledge.search.query import Matched, SectionHit, search_articles
from knowledge.services.publishing import withdraw
from tests.factories import TopicFactory, publish_article

pytestmark = pytest.mark.django_db


def titles(text: str, language: str = "en", **options: object) -> list[str]:
    return [result.translation.title for result in search_articles(text, language, **options).results]


class TestSections:
    BODY = (
        "Parcels come by mail.\n\n## Lost parcels\n\nTell us within a month."
        "\n\n## Duty & tax\n\nCustoms may ask for duty."
    )

    def test_a_passage_names_its_section_by_the_id_it_has_on_the_page(self, commit):
        with commit():
            text = publish_article("Delivery", self.BODY)
        (result,) = search_articles("customs duty", "en").results
        assert result.section == SectionHit("Duty & tax", "s-duty-tax")
        assert f'id="{result.section.anchor}"' in text.rendered.html
        assert result.passage.pieces == (("Customs", True), (" may ask for ", False), ("duty", True), (".", False))
        assert result.excerpt == result.passage.plain

    def test_a_heading_that_matches_brings_its_section(self, commit):
        with commit():
            publish_article("Delivery", self.BODY)
        (result,) = search_articles("lost", "en").results
        assert result.section == SectionHit("Lost parcels", "s-lost-parcels")
        assert result.passage.plain == "Tell us within a month."

    def test_before_the_first_heading_there_is_no_section(self, commit):
        with commit():
            publish_article("Delivery", self.BODY)
        (result,) = search_articles("mail", "en").results
        assert result.section is None

    def test_titles_are_marked_even_while_typing(self, commit):
        with commit():
            publish_article("Track my parcel", "Text.")
        (result,) = search_articles("parcel tra", "en", is_typing=True).results
        assert [text for text, is_marked in result.title.pieces if is_marked] == ["Track", "parcel"]


@pytest.mark.parametrize(
    ("language", "title", "query", "marked"),
    [
        ("sv", "Ändra leveransadressen", "adress", ["leveransadressen"]),
        ("sv", "När kommer återbetalningen?", "aterbetalning", ["återbetalningen"]),
        ("nb", "Endre leveringsadressen", "leveringsadresser", ["leveringsadressen"]),
        ("da", "Ændre leveringsadressen", "ændrede", ["Ændre"]),
    ],
)
def test_whatever_made_a_word_match_it_is_marked(commit, language, title, query, marked):
    with commit():
        publish_article(title, "Text.", language=language)
    found = search_articles(query, language, exact=True).results
    assert [text for one in found for text, is_marked in one.title.pieces if is_marked] == marked


class TestTopics:
    @pytest.fixture
    def _articles(self, commit):
        delivery, returns = TopicFactory(slug="delivery"), TopicFactory(slug="returns")
        with commit():
            for number in range(3):
                publish_article(f"Parcel {number} of many", "Text.", topic=delivery)
            publish_article("Parcel sent back", "Text.", topic=returns)
            publish_article("Parcel of nobody", "Text.")

    @pytest.mark.usefixtures("_articles")
    @pytest.mark.parametrize("topic", [None, "delivery", "returns", "unknown"])
    def test_topics_are_counted_before_one_is_chosen(self, topic):
        found = search_articles("parcel", "en", topic=topic)
        assert [(facet.topic_slug, facet.count) for facet in found.facets] == [("delivery", 3), ("returns", 1)]
        assert found.total == {None: 5, "delivery": 3, "returns": 1, "unknown": 0}[topic]

    @pytest.mark.usefixtures("_articles")
    def test_without_an_index_they_are_counted_too(self, monkeypatch, settings):
        monkeypatch.setattr("knowledge.background.enqueue", lambda *args, **when: True)
        monkeypatch.setattr("knowledge.search.storage.IndexStore.current", lambda self: None)
        found = search_articles("parcel", "en", topic="returns")
        assert found.is_degraded
        assert [(facet.topic_slug, facet.count) for facet in found.facets] == [("delivery", 3), ("returns", 1)]
        assert [result.translation.title for result in found.results] == ["Parcel sent back"]


class TestSpelling:
    @pytest.fixture(autouse=True)
    def _articles(self, commit):
        with commit():
            publish_article("Password forgotten", "Ask for a new password.")
            publish_article("Change your address", "In your account.")

    def test_where_nothing_is_found_the_better_spelling_is_searched_at_once(self):
        found = search_articles("pasword", "en")
        assert (found.query, found.corrected_to, found.did_you_mean) == ("pasword", "password", None)
        assert [result.translation.title for result in found.results] == ["Password forgotten"]
        assert [text for text, is_marked in found.results[0].title.pieces if is_marked] == ["Password"]

    def test_on_request_the_original_is_searched(self):
        found = search_articles("pasword", "en", exact=True)
        assert (found.total, found.corrected_to, found.did_you_mean) == (0, None, None)

    def test_where_some_is_found_it_is_asked(self):
        found = search_articles("forgotten pasword", "en")
        assert (found.corrected_to, found.did_you_mean) == (None, "forgotten password")
        assert found.matched is Matched.SOME

    def test_what_is_spelt_right_or_unknown_is_left_alone(self):
        for query in ("password", "zebra", "account password", "qzx"):
            found = search_articles(query, "en")
            assert (found.corrected_to, found.did_you_mean) == (None, None)

    def test_a_word_not_yet_finished_is_not_misspelt(self):
        found = search_articles("forgotten passw", "en", is_typing=True)
        assert (found.total, found.corrected_to, found.did_you_mean) == (1, None, None)

    def test_words_that_were_published_since_are_known(self, commit):
        search_articles("pasword", "en")
        with commit():
            publish_article("Giraffe insurance", "Text.")
        assert search_articles("girafe", "en").corrected_to == "giraffe"


class TestOtherLanguages:
    def test_each_article_once_in_the_readers_language_or_the_nearest(self, commit):
        with commit():
            own = publish_article("Kvittering her", "Tekst.", language="nb")
            publish_article("Kvittering der", "Tekst.", language="da", article=own.article)
            publish_article("Kvittering alene", "Tekst.", language="da")
        assert titles("kvittering", "nb") == ["Kvittering her", "Kvittering alene"]
        assert titles("kvittering", "da") == ["Kvittering der", "Kvittering alene"]
        # A Swede gets the Norwegian text of an article that has one.
        assert titles("kvittering", "sv") == ["Kvittering her", "Kvittering alene"]

    def test_what_is_published_or_withdrawn_changes_who_gets_the_other_texts(self, commit):
        with commit():
            danish = publish_article("Kvittering", "Tekst.", language="da")
        assert titles("kvittering", "nb") == ["Kvittering"]
        with commit():
            norwegian = publish_article("Bilag", "Tekst.", language="nb", article=danish.article)
        assert titles("kvittering", "nb") == []
        with commit():
            withdraw(norwegian)
        assert titles("kvittering", "nb") == ["Kvittering"]

    def test_another_language_must_hold_all_words(self, commit):
        with commit():
            publish_article("Kvittering", "Tekst.", language="da")
        assert titles("kvittering zebra", "nb") == []

    def test_passages_and_marks_are_in_the_language_of_the_text(self, commit):
        with commit():
            publish_article("Fakturor", "Fakturorna kommer.", language="sv")
        (result,) = search_articles("faktura", "nb").results
        assert result.is_other_language
        assert [text for text, is_marked in result.passage.pieces if is_marked] == ["Fakturorna"]

    def test_they_can_be_left_out(self, commit):
        with commit():
            publish_article("Kvittering", "Tekst.", language="da")
        assert titles("kvittering", "nb", with_other_languages=False) == []


class TestFetching:
    def test_a_text_withdrawn_since_it_was_indexed_is_not_found_nor_counted(self, commit):
        with commit():
            texts = [publish_article(f"Parcel {number}", "Text.") for number in range(12)]
        for text in texts[3:5]:
            ArticleTranslation.objects.filter(pk=text.pk).update(status=ArticleTranslation.Status.WITHDRAWN)
        found = search_articles("parcel", "en")
        assert found.total == 10
        assert len(found.results[:10]) == 10

    def test_the_only_text_withdrawn_is_nothing_found(self, commit):
        with commit():
            text = publish_article("Parcel", "Text.")
        ArticleTranslation.objects.filter(pk=text.pk).update(status=ArticleTranslation.Status.WITHDRAWN)
        found = search_articles("parcel", "en")
        assert (found.total, found.matched) == (0, Matched.NONE)

    def test_further_pages_cost_one_query_each(self, commit, django_assert_num_queries):
        with commit():
            for number in range(35):
                publish_article(f"Parcel {number}", "Text.")
        results = search_articles("parcel", "en").results
        with django_assert_num_queries(0):
            assert len(results[:10]) == 10
        with django_assert_num_queries(1):
            assert len(results[30:40]) == 5
        with django_assert_num_queries(1):
            assert len({result.translation.pk for result in results}) == 35
        assert results[-1].translation.pk == list(results)[-1].translation.pk
        with pytest.raises(IndexError):
            results[35]


def test_a_language_that_we_do_not_have_is_no_error(commit):
    with commit():
        publish_article("Parcel", "Text.")
    assert not search_articles("parcel", "fi").is_degraded
