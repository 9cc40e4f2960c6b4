"""Which article a question belongs to, by how articles are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from deflection.matching import classifier
from deflection.matching.classifier import AskedClassifier, discriminant, softmax_regression
from deflection.matching.reading import read

ASKED = (
    ("where is my money back", "my refund is missing", "when do you pay me back"),
    ("the parcel is late", "where is my parcel", "track my package"),
    ("I forgot my password", "cannot log in", "reset the login"),
)


def taught(asked) -> AskedClassifier:
    labels = np.repeat(np.arange(len(asked)), [len(one) for one in asked])
    return AskedClassifier.of([read(text, "en") for one in asked for text in one], labels, len(asked))


def shares(model: AskedClassifier, text: str) -> np.ndarray:
    return np.exp(model.log_probabilities(read(text, "en")))


@pytest.mark.parametrize(
    ("text", "right"),
    [("is my money coming back", 0), ("my package has not come", 1), ("log in does not work, wrong password", 2)],
)
def test_new_wordings_go_to_the_right_article(text, right):
    found = shares(taught(ASKED), text)
    assert np.argmax(found) == right
    assert found[right] > 0.5


def test_the_shares_add_up_to_one_whatever_is_asked():
    model = taught(ASKED)
    for text in ("my parcel", "", "xqzw", "日本語"):
        assert shares(model, text).sum() == pytest.approx(1, abs=1e-5)


def test_word_order_tells_where_the_words_are_the_same():
    model = taught((("pay before delivery", "pay before it comes"), ("delivery before pay", "comes before I pay")))
    assert np.argmax(shares(model, "pay before the delivery")) == 0


def test_two_articles():
    model = taught(ASKED[:2])
    assert [int(np.argmax(shares(model, text))) for text in ("refund", "parcel")] == [0, 1]


def test_one_article_is_certain_given_that_one_is_meant():
    assert shares(taught(ASKED[:1]), "anything at all").tolist() == [1.0]


def test_texts_without_a_word():
    assert np.isfinite(shares(taught((("",), ("",))), "a parcel")).all()


def test_among_many_articles_it_goes_a_shorter_way_and_still_finds_the_right_one():
    """Two words say which it is of 625: a fourth of the directions that 625 articles span must tell them apart."""
    firsts = [f"{one}{two}rk" for one in "bdfgk" for two in "aeiou"]
    seconds = [f"s{one}l{two}m" for one in "aeiou" for two in "aeiou"]
    names = [(one, two) for one in firsts for two in seconds]
    model = taught([(f"buy {one} {two}", f"the {one} {two} broke") for one, two in names])
    assert model.projection is not None
    assert model.projection.shape[1] < len(names) / 2
    asked = range(0, len(names), 25)
    right = [place == np.argmax(shares(model, "where is {} {}".format(*names[place]))) for place in asked]
    assert sum(right) >= 0.9 * len(right)


def test_loaded_from_its_arrays_it_says_the_same():
    model = taught(ASKED)
    loaded = AskedClassifier.load(model.arrays())
    assert np.array_equal(shares(loaded, "my late parcel"), shares(model, "my late parcel"))


@pytest.mark.parametrize("train", [softmax_regression, discriminant])
def test_groups_of_points_are_told_apart(train):
    chance = np.random.default_rng(0)
    middles = np.eye(3, 8, dtype=np.float32) * 3
    labels = np.repeat(np.arange(3), 20)
    weights, bias = train((middles[labels] + chance.normal(size=(60, 8), scale=0.3)).astype(np.float32), labels, 3)
    assert np.argmax(middles @ weights + bias, axis=1).tolist() == [0, 1, 2]


def test_many_texts_are_fitted_in_their_strongest_directions(monkeypatch):
    monkeypatch.setattr(classifier, "_EXACT_TEXTS", 300)
    monkeypatch.setattr(classifier, "_MANY_DIRECTIONS", 100)
    subjects = [f"{one}{two}{three}" for one in "bdfgk" for two in "aeiou" for three in "kl"]
    groups = [subjects[start : start + 10] for start in range(0, 50, 10)]
    ways = ("my {} broke", "buy a {}", "the {} is late", "return {}", "is {} safe", "{} too big", "{} lost", "a {} ?")
    model = taught([[way.format(word) for word in group for way in ways] for group in groups])
    assert [int(np.argmax(shares(model, f"why {group[0]}"))) for group in groups] == [0, 1, 2, 3, 4]
