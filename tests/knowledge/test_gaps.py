"""Content gaps: the same question in other words is one, and what has an answer is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge.models import ContentGap, GapEvidence, Phrasing
from knowledge.services.gaps import Evidence, dismiss_gap, draft_from_gap, record_evidence
from knowledge.services.publishing import publish
from tests.factories import TopicFactory, publish_article

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _knowledge_base():
    """What the help center does answer: from it the clustering knows which words are ordinary."""
    publish_article("Track my parcel", "Open the tracking link to see where your parcel and your order are.")
    publish_article("Return an order", "Send the parcel back, and you get the money for your order.")
    publish_article("Change the address of an order", "Open your order and change the delivery address of the parcel.")
    publish_article("Pay by card or invoice", "Pay your order by card, by invoice or with a gift card.")
    publish_article("Damaged parcel", "Send a photo of the parcel and of the order.")


def search(text: str, *, language: str = "en", visit: str = "", **fields) -> Evidence:
    fields = {"source": f"search:{language}:{text}", "asked_at": NOW, **fields}
    return Evidence(kind="search", text=text, language=language, visits=frozenset({visit} - {""}), **fields)


def case(number: int, text: str, *, language: str = "en", visit: str = "", **fields) -> Evidence:
    fields = {"source": f"case:{number}", "asked_at": NOW, **fields}
    return Evidence(kind="case", text=text, language=language, visits=frozenset({visit} - {""}), **fields)


def clusters() -> list[set[str]]:
    return [{one.text for one in gap.evidence.all()} for gap in ContentGap.objects.all()]


GIFT_STORY = "Gift card from Norway\nMy aunt in Bergen gave me a gift card. Your Swedish checkout does not take it."
NAME_STORY = "Embroidered name\nCould you embroider a name on the chest of a child's jacket before you send the order?"


def test_the_same_question_in_other_words_is_one_gap():
    record_evidence([search("gift card other country"), search("use gift card abroad"), case(1, GIFT_STORY)])
    assert clusters() == [{"gift card other country", "use gift card abroad", GIFT_STORY}]
    gap = ContentGap.objects.get()
    assert (gap.case_count, gap.search_count) == (1, 2)


def test_different_questions_stay_apart_though_they_share_ordinary_words():
    stories = [
        "Parcel to a cabin\nOur cabin has no street. Can the parcel of my order be delivered to the quay?",
        "Parcel from a neighbour\nThe parcel of my order was handed to somebody whom I do not know.",
        "Order for a club\nWe are a scout club and want to place an order of sixty jackets. Is there a discount?",
        NAME_STORY,
    ]
    record_evidence([case(number, text) for number, text in enumerate(stories)])
    assert ContentGap.objects.count() == len(stories)


def test_parts_of_compounds_and_definite_forms_join_what_belongs_together():
    record_evidence(
        [
            search("leverans sommarstuga", language="sv"),
            case(1, "Leverans till sommarstugan\nKan ni köra hem ett paket dit?", language="sv"),
            search("byxor för långa i benen", language="sv"),
            search("korta byxben", language="sv"),
        ]
    )
    assert {"byxor för långa i benen", "korta byxben"} in clusters()
    assert any("leverans sommarstuga" in texts and len(texts) == 2 for texts in clusters())


def test_languages_are_kept_apart():
    record_evidence([search("rabatt student", language="sv"), search("rabatt student", language="nb")])
    assert ContentGap.objects.count() == 2


def test_what_one_visitor_asked_in_one_go_needs_less_in_common():
    story = "No house number\nWe spend the summer on an island where houses have a name only. Who brings the parcel?"
    apart = [search("rented holiday house"), case(1, story)]
    record_evidence(apart)
    assert ContentGap.objects.count() == 2
    ContentGap.objects.all().delete()
    record_evidence([search("rented holiday house", visit="v1"), case(1, story, visit="v1")])
    assert ContentGap.objects.count() == 1


def test_a_visit_alone_joins_nothing():
    record_evidence([search("student discount", visit="v1"), search("shop opening hours", visit="v1")])
    assert ContentGap.objects.count() == 2


def test_a_case_shows_that_two_searches_of_its_visit_were_one_question():
    early, late = search("cabin delivery", visit="v1"), search("no street address", visit="v1")
    record_evidence([early, late])
    assert ContentGap.objects.count() == 2
    story = "Delivery to our cabin\nThe cabin has no street address. How do you deliver?"
    record_evidence([early, late, case(1, story, visit="v1")])
    assert clusters() == [{"cabin delivery", "no street address", story}]
    assert ContentGap.objects.get().search_count == 2


def test_the_same_evidence_again_adds_nothing():
    evidence = [search("gift card other country", times=3), case(1, GIFT_STORY)]
    assert record_evidence(evidence) == 2
    before = list(ContentGap.objects.values())
    assert record_evidence(evidence) == 0
    assert list(ContentGap.objects.values()) == before
    assert GapEvidence.objects.count() == 2


def test_a_later_question_joins_the_gap_and_moves_its_figures():
    earlier = NOW - timedelta(days=4)
    record_evidence([search("gift card other country", asked_at=earlier)])
    record_evidence([search("gift card country", times=2)])
    gap = ContentGap.objects.get()
    assert gap.search_count == 3
    assert (gap.first_asked_at, gap.last_asked_at) == (earlier, NOW)


def test_a_gap_is_titled_by_what_was_asked_and_takes_the_topic_of_its_cases():
    topic = TopicFactory(slug="payment")
    record_evidence([case(1, GIFT_STORY, topic_slug="payment")])
    assert ContentGap.objects.get().title == "Gift card from Norway"
    assert ContentGap.objects.get().topic == topic


def test_a_draft_has_an_outline_and_phrasings_but_no_customers_words_and_is_made_once():
    record_evidence([search("gift card other country"), search("gift card country"), case(1, GIFT_STORY)])
    gap = ContentGap.objects.get()
    article = draft_from_gap(gap)
    assert draft_from_gap(gap) == article
    gap.refresh_from_db()
    assert gap.status == ContentGap.Status.DRAFTED
    phrasings = set(article.phrasings.values_list("text", "source"))
    assert ("gift card country", Phrasing.Source.GAP) in phrasings
    text = article.translations.get()
    assert not text.is_public()
    assert "Write the answer first" in text.body
    # What was written to us in confidence must not be one click from the public.
    assert "My aunt in Bergen" not in text.body


def test_publishing_the_draft_answers_the_gap_and_new_questions_open_another():
    record_evidence([search("gift card other country")])
    gap = ContentGap.objects.get()
    publish(draft_from_gap(gap).translations.get().latest_revision)
    gap.refresh_from_db()
    assert gap.status == ContentGap.Status.ANSWERED
    record_evidence([search("gift card country")])
    assert ContentGap.objects.waiting().count() == 1


def test_a_dismissed_gap_stays_dismissed_and_takes_its_questions():
    record_evidence([search("student discount")])
    dismiss_gap(ContentGap.objects.get())
    record_evidence([search("discount student card")])
    gap = ContentGap.objects.get()
    assert gap.status == ContentGap.Status.DISMISSED
    assert gap.search_count == 2


@pytest.mark.parametrize("text", ["🎁🎁🎁", "???", "the of and", "12345", "a" * 5000, "مرحبا بالعالم"])
def test_odd_texts_are_gaps_of_their_own(text):
    record_evidence([search("gift card other country"), case(1, text)])
    record_evidence([case(2, text)])
    assert {text[:2000]} in clusters()


def test_a_search_asked_again_the_same_day_is_counted():
    one = Evidence(kind="search", source="search:1", text="unicycle wheels", language="en", asked_at=NOW, times=1)
    record_evidence([one])
    assert record_evidence([replace(one, times=3)]) == 0
    assert ContentGap.objects.get().search_count == 3
