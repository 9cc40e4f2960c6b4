"""How texts are scored against a question: by words and by letters."""

from __future__ import annotations

import numpy as np
import pytest

from deflection.matching.bm25 import K1, Bm25
from deflection.matching.reading import letter_features, term_features
from deflection.matching.sparse import Columns, Grouped, best_of_owner
from deflection.matching.views import LetterIndex

BAGS = [
    {"refund": 3.0, "days": 1.0},
    {"refund": 1.0, "parcel": 2.0, "days": 1.0},
    {"parcel": 3.0, "days": 1.0},
]


def scores(index: Bm25, *terms: str) -> list[float]:
    return index.scores(*term_features((term, 1.0) for term in terms))[0].tolist()


def letters(index: LetterIndex, text: str) -> list[float]:
    return index.scores(letter_features(text.split())).tolist()


@pytest.fixture
def index() -> Bm25:
    return Bm25.of(BAGS)


@pytest.fixture
def titles() -> LetterIndex:
    return LetterIndex.of([letter_features(title.split()) for title in ("återbetalning", "leveransadress", "lösenord")])


def test_the_more_of_a_text_a_word_is_the_higher_its_score(index):
    found = scores(index, "refund")
    assert found[0] > found[1] > found[2] == 0


def test_a_rare_word_tells_more_than_one_of_every_text(index):
    assert scores(index, "parcel", "days")[2] > scores(index, "days", "unheard")[2] > 0


def test_scores_are_shares_of_the_best_there_can_be(index):
    best = max(scores(index, "refund", "parcel", "days"))
    assert 0 < best < K1 + 1


def test_the_unknown_share_of_a_question(index):
    def known(*terms: str) -> float:
        return index.scores(*term_features((term, 1.0) for term in terms))[1]

    assert known("refund", "parcel") == 1
    assert known("unheard", "of") == 0
    assert 0 < known("refund", "unheard") < 1


def test_unknown_words_take_from_every_score(index):
    assert scores(index, "refund", "unheard")[0] < scores(index, "refund")[0]
    assert scores(index, "unheard") == [0, 0, 0]


def test_an_empty_question(index):
    assert scores(index) == [0, 0, 0]
    assert index.scores(*term_features([]))[1] == 0


def test_a_repeated_word_weighs_a_little_more_and_not_twice():
    _, once = term_features([("refund", 1.0)])
    _, twice = term_features([("refund", 1.0), ("refund", 1.0)])
    assert once[0] < twice[0] < 2 * once[0]


def test_a_repeated_word_turns_a_mixed_question_its_way(index):
    refunds, parcels = (scores(index, word, word, word, "refund", "parcel") for word in ("refund", "parcel"))
    assert refunds[0] > refunds[2]
    assert parcels[2] > parcels[0]


def test_texts_without_words():
    assert scores(Bm25.of([{}, {"refund": 1.0}]), "refund")[0] == 0
    assert scores(Bm25.of([]), "refund") == []


def test_loaded_from_its_arrays_it_scores_the_same(index, tmp_path):
    loaded = Bm25.load(_through_files(index.arrays(), tmp_path))
    for terms in (("refund",), ("parcel", "days", "unheard"), ()):
        assert scores(loaded, *terms) == scores(index, *terms)


def test_letters_find_a_misspelling_and_another_form(titles):
    assert np.argmax(letters(titles, "återbetalningen")) == 0
    assert np.argmax(letters(titles, "lösennord")) == 2


def test_letters_find_a_part_of_a_compound(titles):
    found = letters(titles, "adress")
    assert np.argmax(found) == 1
    assert found[1] > 3 * max(found[0], found[2])


def test_the_same_text_is_wholly_alike_and_a_strange_one_is_not(titles):
    assert letters(titles, "lösenord")[2] == pytest.approx(1, abs=1e-5)
    assert max(letters(titles, "日本語")) == 0
    assert letters(titles, "") == [0, 0, 0]


def test_unknown_letters_make_a_text_less_alike(titles):
    assert letters(titles, "lösenord xqzwy")[2] < letters(titles, "lösenord")[2]


def test_loaded_letters_score_the_same(titles, tmp_path):
    loaded = LetterIndex.load(_through_files(titles.arrays(), tmp_path))
    assert letters(loaded, "återbetalningen adress") == letters(titles, "återbetalningen adress")


def test_letters_that_most_of_many_texts_hold_are_forgotten():
    index = LetterIndex.of([letter_features(["help", f"w{number:04}"]) for number in range(1001)])
    assert max(letters(index, "help")) == 0
    assert np.argmax(letters(index, "help w0777")) == 777


def test_features_of_fewer_texts_than_wanted_are_left_out():
    rows = [term_features([(word, 1.0) for word in words.split()]) for words in ("refund days", "refund parcel")]
    assert len(Columns.of(rows, fewest=2).numbers) == 1


def test_each_owner_has_the_best_of_its_texts():
    grouped = Grouped.of([["a", "b"], ["c"], ["d", "e", "f"]])
    assert grouped.texts == ["a", "b", "c", "d", "e", "f"]
    best = best_of_owner(np.array([1, 3, 2, 5, 4, 0], np.float32), grouped.starts)
    assert best.tolist() == [3, 2, 5]


def _through_files(arrays, folder):
    """As a process sees them that maps the files."""
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    return {path.name.removesuffix(".npy"): np.load(path, mmap_mode="r") for path in folder.glob("*.npy")}
