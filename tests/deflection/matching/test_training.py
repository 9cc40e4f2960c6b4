"""What a site teaches: when to speak, when to be silent, and the same each time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deflection.matching.foreign import foreign_questions
from deflection.matching.meaning import QuestionCentre
from deflection.matching.model import Model
from deflection.matching.priors import prior
from deflection.matching.training import train
from deflection.models import DEFAULT_THRESHOLD
from tests.deflection.matching.sites import (
    ADDRESS,
    GIFT_CARD,
    INVOICE,
    PARCEL,
    PASSWORD,
    REFUND,
    STRANGE,
    ConceptEncoder,
    ask,
    document,
    first,
    probability,
    shop,
)

HELD_OUT = (
    ("why have I not had my money back", REFUND),
    ("the package should have arrived by now", PARCEL),
    ("I have moved, new street", ADDRESS),
    ("can I have an invoice and pay later", INVOICE),
    ("the voucher code does not work", GIFT_CARD),
    ("I am locked out", PASSWORD),
)


def is_fitted(model: Model) -> bool:
    """Whether the weights are others than those that every site starts from."""
    learned = model.languages["en"]
    return not np.array_equal(learned.own.plain.views, prior(learned.texts.regime).views)


@pytest.mark.parametrize(("text", "right"), HELD_OUT)
def test_questions_that_it_has_not_seen_find_their_article(shop_model, text, right):
    assert first(shop_model, text) == right


@pytest.mark.parametrize(("text", "right"), HELD_OUT)
def test_phrasings_raise_the_right_article(shop_model, bare_model, text, right):
    assert probability(shop_model, text, right) > probability(bare_model, text, right)


def test_a_phrasing_finds_its_article(shop_model):
    for article in shop():
        for phrasing in article.phrasings:
            assert first(shop_model, phrasing) == article.article_id


@pytest.mark.parametrize("text", STRANGE)
def test_a_question_that_nothing_answers_is_met_with_silence(shop_model, bare_model, text):
    for model in (shop_model, bare_model):
        assert ask(model, text)[0].probability < DEFAULT_THRESHOLD / 2


def test_questions_of_articles_that_are_gone_are_less_likely_answered(shop_model):
    """The customers still ask in the site's own words, but the articles that answered are no longer there."""
    gone = (PARCEL, INVOICE)
    kept = train([one for one in shop() if one.article_id not in gone])
    asked = [text for one in shop() if one.article_id in gone for text in one.phrasings]
    with_answer, without = ([ask(model, text)[0].probability for text in asked] for model in (shop_model, kept))
    assert np.mean(without) < 0.7 * np.mean(with_answer)


def test_most_foreign_questions_are_met_with_silence(shop_model):
    shown = [one for one in foreign_questions("en") if ask(shop_model, one)[0].probability >= DEFAULT_THRESHOLD]
    assert len(shown) < 0.1 * len(foreign_questions("en"))


def test_weights_are_fitted_where_there_are_phrasings_enough(shop_model, bare_model):
    assert is_fitted(shop_model)
    assert not is_fitted(bare_model)


def test_few_phrasings_leave_the_weights_where_they_start():
    documents = shop()
    documents = [replace(documents[0], phrasings=documents[0].phrasings[:2]), *shop(with_phrasings=False)[1:]]
    assert not is_fitted(train(documents))


def test_learning_twice_gives_the_same(shop_model):
    again = train(shop())
    for text, _ in HELD_OUT:
        assert ask(again, text) == ask(shop_model, text)


def test_learning_twice_with_vectors_gives_the_same(encoded_model):
    again = train(shop(), ConceptEncoder().encode, ConceptEncoder.name)
    centre = encoded_model.centres["en"]
    for text, _ in HELD_OUT:
        # Each question moves the centre of the model that it is put to.
        again.centres["en"] = QuestionCentre(centre.mean, centre.count)
        one, other = (model.rank(text, "en", ConceptEncoder().encode) for model in (again, encoded_model))
        assert one == other


def test_a_site_without_phrasings(bare_model):
    assert first(bare_model, "I have forgotten my password") == PASSWORD
    assert probability(bare_model, "When do I get my refund?", REFUND) > DEFAULT_THRESHOLD


def test_each_language_learns_from_its_own_phrasings():
    swedish = [document(101, "Var är paketet?", language="sv", article=PARCEL, phrasings=("mitt bud har inte kommit",))]
    model = train([*shop(), *swedish])
    assert first(model, "mitt bud har inte kommit än", "sv") == PARCEL
    assert set(model.languages) == {"en", "sv"}


def test_one_article():
    model = train([document(1, "When do I get my refund?", "Within five working days.")])
    assert [one.article_id for one in ask(model, "When do I get my refund?")] == [1]
    assert probability(model, "When do I get my refund?", 1) > DEFAULT_THRESHOLD
    assert probability(model, "What shall I cook?", 1) < DEFAULT_THRESHOLD


def test_one_article_with_many_phrasings_learns():
    asked = tuple(f"where is my refund for order of {day}" for day in range(30))
    model = train([document(1, "When do I get my refund?", "Within five working days.", phrasings=asked)])
    assert probability(model, "where is my refund", 1) > DEFAULT_THRESHOLD


def test_no_article():
    assert ask(train([]), "When do I get my refund?") == []


def test_vectors_find_what_no_word_says():
    encoder = ConceptEncoder()
    documents = shop(with_phrasings=False)
    with_vectors = train(documents, encoder.encode, encoder.name)
    question = "Have you reimbursed"
    assert with_vectors.rank(question, "en", encoder.encode)[0].article_id == REFUND
    plain = probability(train(documents), question, REFUND)
    assert with_vectors.rank(question, "en", encoder.encode)[0].probability > plain


def test_without_its_encoder_a_model_ranks_by_words(encoded_model):
    assert encoded_model.rank("I forgot my password", "en", None)[0].article_id == PASSWORD


def test_vectors_find_another_language():
    encoder = ConceptEncoder()
    texts = [
        document(1, "Glemt passord", "Be om en lenke.", "nb"),
        document(2, "Gavekort", "Koden skrives i kassen.", "nb"),
        document(3, "Where is my parcel?", "Follow the link.", "en"),
        document(4, "Opening hours", "From nine to five.", "en"),
        document(5, "Köpvillkor", "Läs dem noga.", "sv"),
    ]
    model = train(texts, encoder.encode, encoder.name)
    best = model.rank("lösenord", "sv", encoder.encode)[0]
    assert (best.article_id, best.language) == (1, "nb")


@pytest.mark.parametrize("articles", [1, 2, 3, 5])
def test_few_articles_with_phrasings_are_silent_on_nonsense_too(articles):
    """That one of two articles is meant, whichever, is no sign that any is."""
    model = train(shop()[:articles])
    for text in STRANGE:
        assert ask(model, text)[0].probability < DEFAULT_THRESHOLD


@pytest.mark.parametrize("articles", [1, 2, 3, 5])
def test_few_articles_with_phrasings_are_found(articles):
    model = train(shop()[:articles])
    assert probability(model, "my refund has not arrived yet", REFUND) > DEFAULT_THRESHOLD


def test_vectors_find_the_only_text_of_a_language():
    """It is not its own centre: then it would be alike to nothing."""
    encoder = ConceptEncoder()
    texts = [document(1, "Glemt passord", "Be om en lenke.", "nb"), document(2, "Köpvillkor", "Läs dem.", "sv")]
    best = train(texts, encoder.encode, encoder.name).rank("lösenord", "sv", encoder.encode)[0]
    assert (best.article_id, best.language) == (1, "nb")
