"""The result page of the search box: what is shown, what it costs, and that nothing typed can break it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from knowledge.models import SearchEvent, Topic
from knowledge.search.query import SearchResults
from knowledge.views import searching
from tests.factories import TopicFactory, publish_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def returns():
    return TopicFactory(slug="returns", names={"en": "Returns", "sv": "Returer"}, position=1)


@pytest.fixture
def delivery():
    return TopicFactory(slug="delivery", names={"en": "Delivery", "sv": "Leverans"}, position=2)


@pytest.fixture
def shop(commit, returns, delivery):
    """Six articles in two topics, and one only in Norwegian."""
    with commit():
        publish_article("When do I get my refund?", "Within five working days.", topic=returns)
        publish_article("Send something back", "Pack the jacket. The refund follows.", topic=returns)
        publish_article("Exchange a size", "Order the other size. A refund takes longer.", topic=returns)
        publish_article(
            "Where is my parcel?", "Follow it with the tracking number. Late? Ask for a refund.", topic=delivery
        )
        publish_article("Damaged parcel", "Send us a picture.", topic=delivery)
        publish_article("Vaske ull", "Vask ullgenseren på tretti grader.", language="nb")


def get(client, path="/en/search/", **query):
    response = client.get(path, query)
    assert response.status_code == 200
    return response.content.decode()


def links(page, text):
    """The addresses of the links whose text begins so."""
    found = re.findall(rf'<a[^>]*href="([^"]*)"[^>]*>\s*(?:<[^>]*>)*\s*{re.escape(text)}', page)
    return [address.replace("&amp;", "&") for address in found]


def query_of(address):
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


class TestTopicFilter:
    def test_topics_come_with_their_counts_the_fullest_first(self, client, shop):
        page = get(client, q="refund")
        filters = re.findall(r'topic=(\w+)"[^>]*>\s*\w+ <span class="count num" aria-hidden="true">(\d+)<', page)
        assert filters == [("returns", "3"), ("delivery", "1")]

    def test_a_chosen_topic_keeps_the_search_and_the_counts_of_the_others(self, client, shop):
        page = get(client, q="refund", topic="delivery")
        assert "1 answer for" in page
        assert "Where is my parcel?" in page
        assert "Send something back" not in page
        assert query_of(links(page, "Returns")[0]) == {"q": "refund", "topic": "returns"}
        assert query_of(links(page, "All topics")[0]) == {"q": "refund"}

    def test_a_chosen_topic_without_a_hit_stays_chosen_and_leads_on(self, client, shop):
        page = get(client, q="picture", topic="returns")
        assert "Nothing in this topic" in page
        assert query_of(links(page, "Search in all topics")[0]) == {"q": "picture"}
        assert query_of(links(page, "Write to us")[0]) == {"q": "picture", "topic": "returns"}

    def test_topics_that_customers_do_not_see_are_no_choice(self, client, shop):
        Topic.objects.filter(slug="delivery").update(is_visible=False)
        assert "topic=delivery" not in get(client, q="refund")
        assert "4 answers for" in get(client, q="refund", topic="delivery")


class TestSpelling:
    def test_what_finds_nothing_is_corrected_with_the_original_one_click_away(self, client, shop):
        page = get(client, q="refnud")
        assert "Showing results for <b>refund</b>." in page
        assert "answers for “refund”" in page
        original = links(page, "Search instead for “refnud”")[0]
        assert query_of(original) == {"q": "refnud", "exact": "1"}
        page = client.get(original).content.decode()
        assert "No answer for “refnud” yet" in page
        assert "Showing results for <b>" not in page

    def test_the_correction_holds_in_a_topic_and_stays_off_where_it_was_turned_off(self, client, shop):
        assert "Where is my parcel?" in re.sub("</?mark>", "", get(client, q="refnud", topic="delivery"))
        page = get(client, q="refnud", topic="delivery", exact="1")
        assert query_of(links(page, "All topics")[0]) == {"q": "refnud", "exact": "1"}

    def test_a_spelling_that_finds_more_is_offered(self, client, monkeypatch):
        found = SearchResults("refnud", "en", did_you_mean="refund <b>")
        monkeypatch.setattr(searching, "search_articles", lambda *args, **kwargs: found)
        page = get(client, q="refnud")
        assert "Did you mean" in page
        assert "<b>refund &lt;b&gt;</b></a>?" in page
        assert "?q=refund%20%3Cb%3E" in page


class TestResults:
    def test_a_section_is_a_link_of_its_own_to_its_heading(self, client, commit):
        body = "Pack it well.\n\n## Broken on arrival\n\nPhotograph the shattered mirror.\n\n## Late\n\nWait a day."
        with commit():
            publish_article("Parcels", body)
        page = get(client, q="shattered mirror")
        address = links(page, "Broken on arrival")[0]
        assert address.endswith("#s-broken-on-arrival")
        article = client.get(address).content.decode()
        assert 'id="s-broken-on-arrival"' in article
        assert not re.search(r"<a\s[^>]*>(?:(?!</a>).)*<a\s", page, re.DOTALL)

    def test_matches_in_titles_are_marked_and_escaped(self, client, commit):
        with commit():
            publish_article("Wash <wool> & silk", "Thirty degrees.")
        page = get(client, q="wool")
        assert "Wash &lt;<mark>wool</mark>&gt; &amp; silk" in page

    def test_other_languages_come_last_under_their_own_heading_and_marked(self, client, commit, shop):
        page = get(client, "/sv/search/", q="ull")
        section = page[page.index('id="other-languages"') :]
        assert 'lang="nb"' in section
        assert "Vaske" in section
        with commit():
            publish_article("Tvätta ull", "Ull tål trettio grader.", language="sv")
        page = get(client, "/sv/search/", q="ull")
        assert page.index("Tvätta") < page.index('id="other-languages"') < page.index("Vaske")
        assert 'id="other-languages"' not in get(client, q="refund")

    def test_pages_keep_the_search_the_topic_and_its_spelling(self, client, commit, returns):
        with commit():
            for number in range(12):
                publish_article(f"Refund question {number}", "Five days.", topic=returns)
        page = get(client, q="refund", topic="returns", exact="1")
        assert page.count('<li class="answer"') == 10
        following = links(page, "More")[0]
        assert query_of(following) == {"q": "refund", "topic": "returns", "exact": "1", "page": "2"}
        assert client.get(following).content.decode().count('<li class="answer"') == 2

    def test_a_search_is_remembered_once_however_it_is_looked_through(self, client, shop):
        for query in ({}, {"topic": "returns"}, {"page": "2"}):
            get(client, q="refund", **query)
        assert SearchEvent.objects.count() == 1

    def test_it_costs_the_same_few_queries_for_one_and_for_ten_results(
        self, client, commit, returns, django_assert_max_num_queries
    ):
        with commit():
            publish_article("Refund of shipping", "Five days.", topic=returns)
        get(client, q="refund")
        with django_assert_max_num_queries(14) as first:
            get(client, q="refund")
        cost = len(first)
        with commit():
            for number in range(15):
                publish_article(f"Refund question {number}", "Five days.", topic=TopicFactory(slug=f"t{number}"))
        get(client, q="refund")
        with django_assert_max_num_queries(cost):
            get(client, q="refund")


class TestNothingFound:
    def test_the_query_goes_along_to_the_form(self, client, shop):
        page = get(client, q="hem trousers")
        assert {query_of(address)["q"] for address in links(page, "Write to us") if "?" in address} == {"hem trousers"}
        assert "data-escape-hatches" in page

    def test_topics_near_to_some_word_come_first(self, client, shop):
        page = get(client, q="gibbon swaps jacket quickly elsewhere")
        assert "No answer for" in page
        nearest = page[page.index('id="nearest"') : page.index('id="by-topic"')]
        assert "/en/topics/returns/" in nearest
        assert "/en/topics/delivery/" not in nearest
        assert "/en/topics/returns/" not in page[page.index('id="by-topic"') :]

    def test_what_others_read_leads_on_where_no_word_is_known(self, client, shop):
        page = get(client, q="zzzz")
        assert 'id="nearest"' not in page
        assert page.index("/en/topics/returns/") < page.index("/en/topics/delivery/")

    def test_a_text_made_of_odd_words_costs_no_more_than_a_few_searches(
        self, client, shop, django_assert_max_num_queries
    ):
        with django_assert_max_num_queries(60):
            get(client, q=" ".join(f"zz{number}" for number in range(60)))


@pytest.mark.parametrize(
    "query",
    [
        "", " ", "*", '"', "AND OR NOT (", "title:x^9", "x" * 30_000, "a\x00b", "<script>alert(1)</script>", "🧦🧦",
        "مرحبا بالعالم", "\u202eabc\u202c", "%s %(x)s {x} {{ x }}", "\\", "ﬁ", "İ", "a" * 190 + " refund",
        "👨‍👩‍👧‍👦 refund", "-" * 200, "\ud7ff\ue000",
    ],
)  # fmt: skip
@pytest.mark.parametrize("extra", [{}, {"topic": "nothing' --", "exact": "1", "page": "1000000000"}])
def test_nothing_that_is_typed_can_fail(client, shop, query, extra):
    page = get(client, q=query, **extra)
    assert "<script>alert" not in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("name", ["topic", "exact", "page"])
@pytest.mark.parametrize("value", ["\x00", "x" * 5000, "🧦", "-1", "1e9", "²", "returns\n"])
def test_odd_values_beside_the_search_are_as_good_as_none(client, shop, name, value):
    assert "answers for “refund”" in get(client, q="refund", **{name: value})


def test_it_is_only_read(client):
    assert client.post("/en/search/", {"q": "refund"}).status_code == 405
