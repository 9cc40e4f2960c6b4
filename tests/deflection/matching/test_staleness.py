"""Whatever changes what the matcher should know asks for a training; what is withdrawn is never shown."""

from __future__ import annotations

import pytest
from django.utils import timezone

from deflection.matching.matcher import is_stale, match, retrain
from deflection.models import Rejection
from deflection.services.rejections import bring_back_rejection, remove_rejection
from deflection.services.suggestions import suggest
from knowledge.models import Phrasing, Synonym
from knowledge.services.phrasings import learn_phrasing, remove_phrasing
from knowledge.services.publishing import add_phrasings, publish, save_text, withdraw
from tests.factories import publish_article

pytestmark = pytest.mark.django_db
TASK = "deflection.tasks.train_matcher"
QUESTION = "When do I get my refund?"
ASKED = "where has my money been all the time"


@pytest.fixture
def text(asked_for):
    publish_article("Where is my parcel?", "The link in the mail shows it.")
    text = publish_article(QUESTION, "Within five working days.", phrasings=["where is my money back"])
    Rejection.objects.create(article=text.article, language="en", text="is the refund on my card", source="dismissed")
    retrain()
    assert not is_stale()
    return text


def _published(text):
    publish_article("Gift cards", "Buy one here.")


def _translated(text):
    publish_article("När får jag pengarna?", "Inom fem dagar.", language="sv", article=text.article)


def _withdrawn(text):
    withdraw(text)


def _rewritten(text):
    publish(save_text(article=text.article, language="en", title=QUESTION, body="Within ten."), at=timezone.now())


def _rephrased(text):
    add_phrasings(text.article, "en", [ASKED])


def _learned(text):
    assert learn_phrasing(text.article, "en", ASKED, origin="case:1", asked_at=timezone.now())


def _phrasing_removed(text):
    remove_phrasing(Phrasing.objects.get())


def _rejected(text):
    Rejection.objects.create(article=text.article, language="en", text=ASKED, source="dismissed")


def _rejection_removed(text):
    remove_rejection(Rejection.objects.get())


def _one_for_the_other(text):
    withdraw(text)
    publish_article("Gift cards", "Buy one here.")


@pytest.mark.parametrize(
    "change",
    [
        _published,
        _translated,
        _withdrawn,
        _rewritten,
        _rephrased,
        _learned,
        _phrasing_removed,
        _rejected,
        _rejection_removed,
        _one_for_the_other,
    ],
)
def test_a_change_asks_for_a_training(text, asked_for, change):
    asked_for.clear()
    change(text)
    assert is_stale()
    match(QUESTION, "en")
    assert asked_for == [TASK]
    assert [retrain(), is_stale(), retrain()] == [True, False, False]


def test_one_rejection_taken_for_another(text):
    second = Rejection.objects.create(article=text.article, language="en", text=ASKED, source="dismissed")
    third = Rejection.objects.create(article=text.article, language="en", text=f"{ASKED} now", source="dismissed")
    remove_rejection(second)
    retrain()
    remove_rejection(Rejection.objects.active().exclude(pk=third.pk).get())
    bring_back_rejection(second)
    assert is_stale()


def test_a_draft_changes_nothing_that_is_known(text):
    before = match("Fyrverkeri", "en")
    save_text(article=text.article, language="en", title="Fyrverkeri", body="Not yet.")
    retrain()
    assert match("Fyrverkeri", "en") == before


def test_while_nothing_changes_nothing_is_asked_for(text, asked_for):
    asked_for.clear()
    assert match(QUESTION, "en")
    assert asked_for == []


def test_a_change_is_asked_for_once(text, asked_for):
    asked_for.clear()
    _published(text)
    for _ in range(5):
        match(QUESTION, "en")
    assert asked_for == [TASK]


def test_a_withdrawn_text_never_shows_even_before_the_next_training(text):
    assert [one.translation for one in suggest(QUESTION, "en")] == [text]
    withdraw(text)
    assert text.pk in [one.translation_id for one in match(QUESTION, "en")]
    assert suggest(QUESTION, "en") == []


def test_a_deleted_article_never_shows_even_before_the_next_training(text):
    text.article.delete()
    assert suggest(QUESTION, "en") == []
    assert retrain() is True


def test_a_learned_phrasing_counts_after_the_training(text):
    question = "has the dough landed on my card"
    before = next(one.probability for one in match(question, "en") if one.translation_id == text.pk)
    learn_phrasing(text.article, "en", "the dough has not landed on my card", origin="case:1", asked_at=timezone.now())
    retrain()
    after = match(question, "en")[0]
    assert after.translation_id == text.pk
    assert after.probability > before


def test_a_gathered_rejection_counts_after_the_training(text):
    question = "where is my money on the moon"
    before = match(question, "en")[0]
    Rejection.objects.create(article=text.article, language="en", text=question, source="dismissed")
    retrain()
    after = next(one for one in match(question, "en") if one.translation_id == before.translation_id)
    assert after.probability < before.probability / 2


def test_synonyms_of_the_site_count_at_once(text):
    before = match("my parcels whereabouts, the kolli", "en")
    Synonym.objects.create(language="en", words="kolli, parcel")
    after = match("my parcels whereabouts, the kolli", "en")
    assert after[0].probability > before[0].probability


def test_greetings_and_details_do_not_count(text):
    plain = match("I want my refund", "en")
    letter = match("Dear Sirs,\n\nI want my refund\n\nKind regards\nCleo Lind\n+46 70 123 45 67", "en")
    assert letter[0].translation_id == plain[0].translation_id == text.pk
    assert letter[0].probability == pytest.approx(plain[0].probability, abs=0.02)


def test_the_subject_counts(text):
    assert match("It has been three weeks.", "en", subject="Refund")[0].translation_id == text.pk


def test_questions_cost_few_queries(text, django_assert_max_num_queries):
    match(QUESTION, "en")
    with django_assert_max_num_queries(2):
        match("Where is my refund now?", "en")
