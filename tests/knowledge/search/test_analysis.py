"""What is one word and what is not, per language."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from knowledge.search import analysis, lemmas, vocabulary, word_files

DATA = Path(__file__).parent / "data"


def lines(name: str) -> list[list[str]]:
    return [line.split() for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("language", ["en", "sv", "nb", "da"])
def test_nine_forms_of_ten_are_found_by_their_dictionary_form(language):
    forms = [(base, form) for base, *others in lines(f"forms_{language}.txt") for form in others]
    missed = [
        (base, form) for base, form in forms if analysis.term_of(form, language) != analysis.term_of(base, language)
    ]
    assert len(missed) <= len(forms) * 0.1, missed


@pytest.mark.parametrize(("language", "one", "other"), [tuple(line) for line in lines("apart.txt")])
def test_words_that_only_look_alike_stay_apart(language, one, other):
    assert analysis.term_of(one, language) != analysis.term_of(other, language)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("sv", "stugan", "stuga"),
        ("sv", "kundfakturan", "kundfakturor"),
        ("sv", "böckernas", "bok"),
        ("nb", "brukerens", "bruker"),
        ("da", "mændene", "mand"),
        ("en", "children", "child"),
    ],
)
def test_forms_that_a_stemmer_alone_misses(language, one, other):
    assert analysis.stem(one, language) != analysis.stem(other, language)
    assert analysis.term_of(one, language) == analysis.term_of(other, language)


def test_tokens_carry_their_place_and_the_parts_of_compounds():
    text = "Ändra fakturaadressen nu"
    found = list(analysis.tokens(text, "sv"))
    assert [text[token.start : token.end] for token in found] == ["Ändra", "fakturaadressen"]
    assert found[0].parts == ()
    assert found[1].term == analysis.term_of("fakturaadress", "sv")
    assert found[1].parts == (analysis.term_of("faktura", "sv"), analysis.term_of("adress", "sv"))


def test_a_language_that_is_not_ours_is_analysed_all_the_same():
    assert analysis.terms("Hello there, parcels", "fi") == ["hello", "there", "parcel"]


def test_the_sites_words_are_kept_and_added_to():
    assert vocabulary.known("sv") == {}
    assert vocabulary.version("sv") == 0
    vocabulary.remember("sv", ["faktura", "faktura", "adress"])
    first = vocabulary.version("sv")
    vocabulary.remember("sv", ["faktura", "order"])
    assert vocabulary.known("sv") == {"faktura": 2, "adress": 1, "order": 1}
    assert vocabulary.version("sv") != first
    vocabulary.replace("sv", {"order": 1})
    assert vocabulary.known("sv") == {"order": 1}
    assert vocabulary.known("da") == {}


@pytest.mark.parametrize("content", ["", "{", "[1, 2]", "\x00\xff"])
def test_a_damaged_file_of_words_is_as_good_as_none(content):
    vocabulary.replace("sv", {"order": 1})
    (path,) = Path(vocabulary.folder()).glob("vocabulary-sv.json")
    path.write_text(content, encoding="utf-8")
    assert vocabulary.known("sv") == {}


@pytest.fixture
def _few_words(monkeypatch, settings, tmp_path):
    """A small dictionary in place of the real one, made anew."""
    settings.WORD_FILES = tmp_path / "words"
    monkeypatch.setattr(lemmas, "dictionary", lambda language: {"stugan": "stuga", "stuga": "stuga"})
    lemmas.open_file.cache_clear()
    yield
    lemmas.open_file.cache_clear()


@pytest.mark.usefixtures("_few_words")
def test_where_no_file_can_be_written_the_words_are_kept_in_memory(settings, tmp_path):
    (tmp_path / "words").write_text("a file where the folder should be")
    assert lemmas.stem_of_lemma("stugan", "sv") == "stug"


@pytest.mark.usefixtures("_few_words")
def test_a_damaged_file_is_made_anew(monkeypatch, settings):
    def write(path: Path, kind: str, language: str) -> None:
        word_files._made(kind, language).save(str(path))

    monkeypatch.setattr(word_files, "_write", write)
    settings.WORD_FILES.mkdir()
    for damaged in (b"", b"not a trie", os.urandom(500)):
        lemmas.open_file.cache_clear()
        (settings.WORD_FILES / f"sv-lemmas-{lemmas.made_of()}.trie").write_bytes(damaged)
        assert lemmas.stem_of_lemma("stugan", "sv") == "stug"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("pa\u200dket\u200b \u202eeno\u202c\x00", "paket eno"),
        ("\u200d\u200cpå\u200d", "på"),
        ("\U0001f469\u200d\U0001f467 och می\u200cخواهم", "\U0001f469\u200d\U0001f467 och می\u200cخواهم"),
    ],
)
def test_cleaning_leaves_what_joins_letters_and_emoji(written, kept):
    assert analysis.clean(written) == kept
