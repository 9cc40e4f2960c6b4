"""Learning a site that was learned before: only what changed costs anew, and all of it counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deflection.matching import artefact, training
from deflection.matching.training import train
from tests.deflection.matching.sites import (
    GIFT_CARD,
    PASSWORD,
    ConceptEncoder,
    ask,
    document,
    first,
    probability,
    shop,
)

SWEDISH = [document(100, "Var är paketet?", language="sv"), document(101, "Presentkort", language="sv")]


@pytest.fixture
def fits(monkeypatch):
    """How many samples each fit of weights was given."""
    counts = []
    fit = training.fit
    monkeypatch.setattr(training, "fit", lambda samples, *rest: counts.append(len(samples)) or fit(samples, *rest))
    return counts


@pytest.fixture(scope="module")
def before():
    """As it comes back from the disk; what is mapped stays, though its files go."""
    return artefact.load(artefact.save(train([*shop(), *SWEDISH]), "1"))


def weights(model) -> list[float]:
    return model.languages["en"].own.plain.views.tolist()


def test_the_same_texts_are_not_learned_again(before, fits):
    again = train([*shop(), *SWEDISH], before=before)
    assert fits == []
    assert ask(again, "my refund") == ask(before, "my refund")


def test_a_language_that_did_not_change_stays_as_it_is(before):
    again = train([*shop(), *SWEDISH, document(102, "Faktura", language="sv")], before=before)
    assert again.languages["en"] is before.languages["en"]
    assert again.languages["sv"] is not before.languages["sv"]
    assert first(again, "faktura", "sv") == 102


def test_a_new_article_is_found_with_the_weights_from_before(before, fits):
    again = train([*shop(), document(9, "Opening hours", "From nine to five.")], before=before)
    assert sum(fits) == 0
    assert weights(again) == weights(before)
    assert first(again, "what are your opening hours") == 9


def test_a_rewritten_text_counts(before):
    documents = [replace(one, sections=(("", "By carrier pigeon."),)) if one.article_id == 3 else one for one in shop()]
    again = train(documents, before=before)
    assert probability(again, "carrier pigeon", 3) > 2 * probability(before, "carrier pigeon", 3)


def test_a_rejection_counts(before):
    question = "my voucher for the garden party was refused"
    again = train(shop(rejections={GIFT_CARD: (question,)}), before=before)
    assert probability(again, question, GIFT_CARD) < probability(before, question, GIFT_CARD)


def test_a_withdrawn_article_is_gone(before):
    again = train([one for one in shop() if one.article_id != PASSWORD], before=before)
    assert PASSWORD not in [one.article_id for one in ask(again, "I forgot my password")]
    assert "sv" not in again.languages


def test_many_new_phrasings_fit_the_weights_anew(before, fits):
    documents = [replace(one, phrasings=(*one.phrasings, *(f"{p} please" for p in one.phrasings))) for one in shop()]
    again = train(documents, before=before)
    assert sum(fits) > 0
    assert weights(again) != weights(before)


def test_a_few_at_a_time_do_so_in_the_end(before, fits):
    """The count is against what the weights were fitted to, not against what was learned last."""
    model, extra = before, ()
    for number in range(7):
        extra = (*extra, f"where is voucher {number} of mine")
        documents = [replace(one, phrasings=one.phrasings + extra) if one.article_id == 6 else one for one in shop()]
        model = artefact.load(artefact.save(train(documents, before=model), str(number)))
    assert sum(fits) > 0


def test_another_encoder_learns_all_anew(before, fits):
    encoder = ConceptEncoder()
    again = train([*shop(), *SWEDISH], encoder.encode, encoder.name, before)
    assert sum(fits) > 0
    assert all(learned.texts.meaning is not None for learned in again.languages.values())
    without = train([*shop(), *SWEDISH], before=again)
    assert all(learned.texts.meaning is None for learned in without.languages.values())


def test_what_was_learned_anew_can_be_written_over_what_it_came_from(before):
    again = artefact.load(artefact.save(train([*shop(), *SWEDISH], before=before), "2"))
    assert ask(again, "my refund") == ask(before, "my refund")
    assert np.array_equal(again.languages["sv"].texts.article_ids, before.languages["sv"].texts.article_ids)
