"""In which order texts are found: pinned exactly, so that a change of the formula shows itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge.models import ArticleTranslation, Feedback, SearchTuning
from knowledge.search import maintenance
from knowledge.search.query import Matched, search_articles
from knowledge.search.tuning import Weights
from tests.factories import publish_article

pytestmark = pytest.mark.django_db


def titles(text: str, language: str = "en", **options: object) -> list[str]:
    return [result.translation.title for result in search_articles(text, language, **options).results]


def test_a_word_counts_by_where_it_stands(commit):
    with commit():
        publish_article("In the text", "Somewhere a voucher is mentioned.")
        publish_article("In a heading", "## Voucher\n\nSomewhere it is mentioned.")
        publish_article("In a phrasing", "Somewhere it is mentioned.", phrasings=["voucher"])
        publish_article("Voucher", "Somewhere it is mentioned.")
    assert titles("voucher") == ["Voucher", "In a phrasing", "In a heading", "In the text"]


def test_weights_are_those_that_are_set_and_others_can_be_tried(commit):
    with commit():
        publish_article("Voucher", "Text.")
        publish_article("Other", "A voucher, this voucher, my voucher and your voucher.")
    assert titles("voucher") == ["Voucher", "Other"]
    assert titles("voucher", weights=Weights(title=0.1, body=20.0)) == ["Other", "Voucher"]
    SearchTuning(title=0.1, body=20.0).save()
    assert titles("voucher") == ["Other", "Voucher"]


def test_a_part_that_counts_for_nothing_is_not_searched(commit):
    with commit():
        publish_article("Other", "A voucher.")
    assert titles("voucher", weights=Weights(body=0.0)) == []


def test_short_texts_and_rare_words_say_more(commit):
    with commit():
        publish_article("One", "A voucher. " + "Then many other words follow for a long time. " * 20)
        publish_article("Two", "A voucher.")
        for number in range(4):
            publish_article(f"Item {number}", "A card.")
    assert titles("voucher") == ["Two", "One"]
    assert titles("voucher card") == ["Two", "Item 3", "Item 2", "Item 1", "Item 0", "One"]


def test_texts_with_all_words_hide_those_with_some(commit):
    with commit():
        publish_article("Gift voucher", "Text.")
        publish_article("Voucher voucher", "Voucher.")
    assert titles("gift voucher") == ["Gift voucher"]


@pytest.mark.parametrize("language", ["sv", "nb", "da"])
def test_exact_letters_win_over_folded_ones(commit, language):
    with commit():
        publish_article("Råd xyz", "Text.", language=language)
        publish_article("Rad xyz", "Text.", language=language)
    assert titles("rad xyz", language) == ["Rad xyz", "Råd xyz"]
    assert titles("råd xyz", language) == ["Råd xyz"]


def test_a_plain_keyboard_finds_letters_but_letters_find_no_plain_words(commit):
    with commit():
        publish_article("Återbetalning", "Text.", language="sv")
        publish_article("Aterbetalning", "Text.", language="sv")
    assert titles("aterbetalning", "sv") == ["Aterbetalning", "Återbetalning"]
    assert titles("återbetalning", "sv") == ["Återbetalning"]


@pytest.mark.parametrize(
    ("language", "compound", "part", "other_part"),
    [
        ("sv", "Leveransadress", "adress", "leverans"),
        ("nb", "Leveringsadresse", "adresse", "levering"),
        ("da", "Leveringsadresse", "adresse", "levering"),
    ],
)
def test_compounds_and_their_parts_find_each_other(commit, language, compound, part, other_part):
    with commit():
        publish_article(compound, "Text.", language=language)
        publish_article(f"{part.capitalize()} {other_part}", "Text.", language=language)
        publish_article(f"{other_part.capitalize()} xyz", "Text.", language=language)
    assert titles(part, language) == [f"{part.capitalize()} {other_part}", compound]
    assert titles(compound.lower(), language) == [compound, f"{part.capitalize()} {other_part}"]
    assert titles(f"{part} {other_part}", language)[0] == f"{part.capitalize()} {other_part}"


def test_equal_scores_go_to_the_more_helpful_and_then_to_the_newer_text(commit):
    with commit():
        old, new, helpful, useless = (
            publish_article(f"Voucher {name}", "Text.") for name in ("old", "new", "helpful", "useless")
        )
    now = timezone.now()
    for age, text in enumerate([new, helpful, useless, old]):
        ArticleTranslation.objects.filter(pk=text.pk).update(edited_at=now - timedelta(days=age))
    maintenance.rebuild()
    for text, is_helpful in [(helpful, True), (useless, False)]:
        Feedback.objects.create(translation=text, is_helpful=is_helpful)
    assert titles("voucher") == ["Voucher helpful", "Voucher new", "Voucher old", "Voucher useless"]


def test_a_better_match_is_never_passed_by_a_more_helpful_one(commit):
    with commit():
        publish_article("Voucher", "Text.")
        helpful = publish_article("Something else", "A voucher.")
    for origin in "abc":
        Feedback.objects.create(translation=helpful, is_helpful=True, origin=origin)
    assert titles("voucher") == ["Voucher", "Something else"]


def test_while_typing_titles_come_before_words_deep_in_a_text(commit):
    with commit():
        publish_article("Other", "Vouchers are sent by mail.")
        publish_article("Voucher", "Text.")
    assert titles("vou", is_typing=True) == ["Voucher"]
    assert titles("vouc zeb", is_typing=True) == []
    with commit():
        publish_article("Cards", "They are embossed.")
    assert titles("embo", is_typing=True) == ["Cards"]


def test_one_letter_more_while_typing_does_not_empty_the_list(commit):
    with commit():
        publish_article("Track my parcel", "Text.")
    assert titles("track p", is_typing=True) == ["Track my parcel"]
    assert titles("track m", is_typing=True) == ["Track my parcel"]


def test_some_words_are_enough_when_no_text_has_all(commit):
    with commit():
        publish_article("Gift voucher", "Text.")
        publish_article("Voucher", "Text.")
    found = search_articles("gift voucher zebra", "en")
    assert [result.translation.title for result in found.results] == ["Gift voucher"]
    assert found.matched is Matched.SOME
