"""Words that mean the same: found both ways or one way, shown as found, and checked when they are written."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from knowledge.models import SearchTuning, Synonym
from knowledge.search.query import search_articles
from knowledge.search.synonyms import other_words
from tests.factories import publish_article

pytestmark = pytest.mark.django_db


def titles(text: str, language: str = "en", **options: object) -> list[str]:
    return [result.translation.title for result in search_articles(text, language, **options).results]


def synonym(words: str, replacements: str = "", language: str = "en", **fields: object) -> Synonym:
    kind = Synonym.Kind.ONE_WAY if replacements else Synonym.Kind.MUTUAL
    row = Synonym(language=language, kind=kind, words=words, replacements=replacements, **fields)
    row.full_clean()
    row.save()
    return row


def test_mutual_synonyms_find_each_other_and_the_word_itself_comes_first(commit):
    synonym("tv, television, telly")
    with commit():
        publish_article("Television settings", "Text.")
        publish_article("Tv settings", "Text.")
    assert titles("tv") == ["Tv settings", "Television settings"]
    assert titles("television") == ["Television settings", "Tv settings"]
    assert len(titles("telly")) == 2
    assert len(titles("tellys settings")) == 2


def test_a_one_way_synonym_does_not_lead_back(commit):
    synonym("mms", "picture message")
    with commit():
        publish_article("Sending a picture message", "Text.")
        publish_article("Mms", "Text.")
        publish_article("A picture of a cat", "Text.")
    assert titles("mms") == ["Mms", "Sending a picture message"]
    assert titles("picture message") == ["Sending a picture message"]


def test_a_phrase_may_be_said_in_one_word_and_the_other_way_round(commit):
    synonym("gift card, voucher")
    with commit():
        publish_article("Lost voucher book", "Text.")
        publish_article("Lost gift card", "Text.")
        publish_article("Lost card", "Text.")
    assert titles("lost gift card") == ["Lost gift card", "Lost voucher book"]
    assert titles("lost voucher") == ["Lost voucher book", "Lost gift card"]


def test_what_was_found_by_a_synonym_is_marked():
    synonym("mms", "picture message")
    from knowledge.search.highlight import mark
    from knowledge.search.interpretation import interpret

    pieces = mark("A picture message.", interpret("mms", "en").wanted, "en").pieces
    assert [text for text, is_marked in pieces if is_marked] == ["picture", "message"]


def test_changes_count_at_once(commit):
    with commit():
        publish_article("Television", "Text.")
    assert titles("tv") == []
    row = synonym("tv, television")
    assert titles("tv") == ["Television"]
    row.is_active = False
    row.save()
    assert titles("tv") == []
    row.is_active = True
    row.save()
    row.delete()
    assert titles("tv") == []


def test_each_language_has_its_own(commit):
    synonym("mobil, telefon", language="sv")
    with commit():
        publish_article("Telefon", "Text.", language="sv")
        publish_article("Telefon", "Text.", language="nb")
    assert [r.translation.language for r in search_articles("mobil", "sv", with_other_languages=False).results] == [
        "sv"
    ]
    assert titles("mobil", "nb", with_other_languages=False) == []


def test_others_can_ask_for_the_other_ways_of_saying_it():
    synonym("gift card, voucher")
    assert other_words("I lost a gift card", "en") == ["voucher"]
    assert other_words("A gift for my brother", "en") == []
    assert other_words("I lost a gift card", "sv") == []


@pytest.mark.parametrize(
    ("words", "replacements"),
    [
        ("", ""),
        ("tv", ""),
        ("tv, tv", ""),
        ("parcel, parcels", ""),
        ("tv, the", ""),
        ("tv, ?!", ""),
        ("tv", "tv"),
        ("tv", "the"),
        ("one two three four five six, tv", ""),
        (", ".join(f"word{n}" for n in range(31)), ""),
    ],
)
def test_what_would_do_harm_or_nothing_is_refused(words, replacements):
    kind = Synonym.Kind.ONE_WAY if replacements else Synonym.Kind.MUTUAL
    with pytest.raises(ValidationError):
        Synonym(language="en", kind=kind, words=words, replacements=replacements).full_clean()


def test_the_same_list_twice_is_refused():
    synonym("tv, television")
    with pytest.raises(ValidationError):
        synonym("Television\ntv")
    synonym("tv, television", language="sv")


def test_a_synonym_says_what_it_is():
    assert str(Synonym(language="en", words="tv, television")) == "tv = television"
    one_way = Synonym(language="en", kind=Synonym.Kind.ONE_WAY, words="mms", replacements="picture message")
    assert str(one_way) == "mms → picture message"


@pytest.mark.parametrize("weight", [-1.0, 21.0])
def test_weights_have_limits(weight):
    with pytest.raises(ValidationError):
        SearchTuning(title=weight).full_clean()


def test_not_every_part_may_count_for_nothing():
    with pytest.raises(ValidationError):
        SearchTuning(title=0, phrasings=0, headings=0, summary=0, body=0).full_clean()


def test_there_is_one_tuning():
    SearchTuning(title=5.0).save()
    SearchTuning(title=6.0).save()
    assert [row.title for row in SearchTuning.objects.all()] == [6.0]
    assert SearchTuning.current().weights.title == 6.0
