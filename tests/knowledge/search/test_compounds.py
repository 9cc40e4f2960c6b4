"""Compounds: on lists that were written before the splitter and that it was never tuned on."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.search import analysis, compounds, vocabulary

DATA = Path(__file__).parent / "data"
LANGUAGES = ("sv", "nb", "da")


def lines(name: str) -> list[list[str]]:
    return [line.split() for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def parts(word: str, language: str) -> list[str]:
    return [part.word for part in compounds.split(word, language)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lists_are_whole(language):
    for name in (f"compounds_{language}.txt", f"ordinary_{language}.txt"):
        assert len({line[0] for line in lines(name)}) == 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_compounds_are_split_exactly(language):
    wrong = [
        (word, found)
        for word, *expected in lines(f"compounds_{language}.txt")
        if (found := analysis.parts_of(word, language)) != tuple(analysis.term_of(part, language) for part in expected)
    ]
    assert len(wrong) <= 15, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_hardly_any_ordinary_word_is_split(language):
    split = [word for (word,) in lines(f"ordinary_{language}.txt") if analysis.parts_of(word, language)]
    assert len(split) < 4, split


@pytest.mark.parametrize(
    ("language", "word", "expected"),
    [
        ("sv", "tjänstebrev", ["tjänst", "brev"]),
        ("sv", "resväskor", ["resa", "väskor"]),
        ("sv", "gatuadress", ["gata", "adress"]),
        ("sv", "årskort", ["år", "kort"]),
        ("sv", "busstation", ["buss", "station"]),
        ("nb", "passøknad", ["pass", "søknad"]),
        ("sv", "adressändringsblankett", ["adress", "ändring", "blankett"]),
        ("da", "elregning", ["el", "regning"]),
        # Everyday text has the last part in other forms alone, and the stemmer takes it for a form of "etik".
        ("da", "returetiket", ["retur", "etiket"]),
        ("da", "adresseetiket", ["adresse", "etiket"]),
    ],
)
def test_what_links_the_parts_belongs_to_neither(language, word, expected):
    assert parts(word, language) == expected


@pytest.mark.parametrize(
    ("language", "word"),
    [("sv", "möjlighet"), ("sv", "återbetalning"), ("nb", "kontoret"), ("da", "kærlighed"), ("sv", "stugan")],
)
def test_endings_and_beginnings_are_no_parts(language, word):
    assert parts(word, language) == []


@pytest.mark.parametrize("word", ["", "a", "x" * 500, "fakturaadress2", "2024faktura", "åäöåäöåäö", "s" * 40])
def test_anything_may_be_asked(word):
    assert parts(word, "sv") == []


def test_languages_that_write_compounds_apart_have_none():
    assert parts("giftcard", "en") == []
    assert parts("fakturaadress", "xx") == []


def test_a_word_that_only_the_site_uses_is_a_part_and_leaves_the_term_alone():
    word = "klimpomaterialet"
    before = analysis.term_of(word, "sv")
    assert analysis.parts_of(word, "sv") == ()
    vocabulary.replace("sv", {"klimpo": 12})
    assert analysis.parts_of(word, "sv") == ("klimpo", analysis.term_of("materialet", "sv"))
    assert analysis.term_of(word, "sv") == before


def test_a_word_that_the_site_uses_once_may_be_a_misprint():
    vocabulary.replace("sv", {"klimpo": 1})
    assert analysis.parts_of("klimpomaterialet", "sv") == ()
