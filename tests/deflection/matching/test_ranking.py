"""Which articles a written question finds: by its words, their parts and their letters, in four languages."""

from __future__ import annotations

import pytest

from deflection.matching.fusion import VIEWS
from deflection.matching.matcher import rank_question
from deflection.matching.reading import read
from deflection.matching.training import train
from deflection.matching.views import Question, build
from tests.deflection.matching.sites import (
    GIFT_CARD,
    INVOICE,
    PARCEL,
    PASSWORD,
    REFUND,
    ConceptEncoder,
    ask,
    document,
    first,
    probability,
    shop,
)

NORDIC = {
    "sv": (
        document(1, "Ändra adressen för leveransen", "Går fram till att paketet har packats.", "sv"),
        document(2, "Betala med kort", "Vi tar alla vanliga kort.", "sv"),
        document(3, "Återbetalning", "Pengarna kommer inom fem dagar.", "sv"),
        document(4, "Glömt lösenordet", "Begär en länk på sidan där du loggar in.", "sv"),
    ),
    "nb": (
        document(1, "Endre adressen for leveringen", "Det går til pakken er pakket.", "nb"),
        document(2, "Betale med kort", "Vi tar alle vanlige kort.", "nb"),
        document(3, "Tilbakebetaling", "Pengene kommer innen fem dager.", "nb"),
        document(4, "Glemt passordet", "Be om en lenke på siden der du logger inn.", "nb"),
    ),
    "da": (
        document(1, "Skift adressen for leveringen", "Det kan du, indtil pakken er pakket.", "da"),
        document(2, "Betal med kort", "Vi tager alle almindelige kort.", "da"),
        document(3, "Tilbagebetaling", "Pengene kommer inden fem dage.", "da"),
        document(4, "Glemt adgangskoden", "Bed om et link på siden, hvor du logger ind.", "da"),
    ),
}
ANYTHING = (
    "🎉🎉 🙃",
    "متى أسترد أموالي؟",
    "\u202egnihton\u202c",
    "我的包裹在哪裡",
    "\0",
    "my\0refund",
    "\ud800 refund",
    "a" * 10_000,
    "refund " * 1_500,
    "!?.,;:()[]{}\"'\\/*^~-+",
    "%s {0} {name} %(x)s",
    "' OR 1=1; --",
    "\r\n\t \u00a0\u200b",
    "١٢٣ 456",
)


@pytest.fixture(scope="module")
def nordic():
    return {language: train(documents) for language, documents in NORDIC.items()}


@pytest.mark.parametrize(
    ("language", "compound"), [("sv", "leveransadressen"), ("nb", "leveringsadressen"), ("da", "leveringsadressen")]
)
def test_a_compound_finds_the_text_that_says_it_in_two_words(nordic, language, compound):
    assert first(nordic[language], compound, language) == 1


@pytest.mark.parametrize(
    ("language", "question"),
    [("sv", "kortbetalning"), ("nb", "kortbetaling"), ("da", "kortbetaling")],
)
def test_a_compound_of_other_forms_does_too(nordic, language, question):
    assert first(nordic[language], question, language) == 2


@pytest.mark.parametrize(
    ("language", "question", "right"),
    [
        ("sv", "återbetalnign", 3),
        ("sv", "aterbetalning", 3),
        ("sv", "glömmt lösennordet", 4),
        ("nb", "tilbakebetalig", 3),
        ("nb", "glemt pasordet", 4),
        ("da", "tilbagebetalling", 3),
        ("da", "adgangskodn", 4),
    ],
)
def test_a_misspelt_question_finds_the_right_article(nordic, language, question, right):
    assert first(nordic[language], question, language) == right


@pytest.mark.parametrize(
    ("question", "right"),
    [("refnd not recieved", REFUND), ("forgoten pasword", PASSWORD), ("were is my parsel", PARCEL)],
)
def test_misspelt_english_with_and_without_phrasings(shop_model, bare_model, question, right):
    assert [first(shop_model, question), first(bare_model, question)] == [right, right]


def test_the_best_comes_first_and_all_are_probabilities(shop_model):
    found = [one.probability for one in ask(shop_model, "My refund has not come, where is my money?")]
    assert found == sorted(found, reverse=True)
    assert 0 < sum(found) < 1
    assert len(set(found)) > 1


def test_an_article_is_named_once(shop_model):
    ids = [one.article_id for one in ask(shop_model, "parcel refund address")]
    assert len(ids) == len(set(ids))


def test_at_most_ten_are_ranked():
    model = train([document(number, f"Refund number {number}", "Money back.") for number in range(1, 31)])
    assert len(ask(model, "refund")) == 10


def test_the_section_of_the_passage_that_answers():
    sections = (
        ("Before you pay", "Choose what you want and put it into the basket."),
        ("With a card", "We take all usual cards. Your bank may ask for a code."),
        ("By invoice", "The invoice comes by mail. You have thirty days."),
    )
    documents = [
        document(1, "Paying", summary="How to pay in our shop.", sections=sections),
        document(2, "Returns", "Send it back."),
    ]
    model = train(documents)
    sections_found = [
        ask(model, text)[0].section
        for text in ("which cards do you take", "how many days for the invoice", "how to pay in the shop")
    ]
    assert sections_found == [1, 2, -1]


def test_the_section_in_a_text_longer_than_one_passage():
    filling = "We describe how the parts of the shop work together. " * 30
    documents = [document(1, "Handbook", sections=(("Shop", filling + "Vouchers are valid for a year. " + filling),))]
    assert ask(train([*documents, document(2, "Other", "Else.")]), "how long are vouchers valid")[0].section == 0


def test_words_that_stand_together_speak_for_their_passage():
    together = (("", "The parcel is late."), ("", "An invoice for the card."))
    apart = (("", "The parcel is for the card."), ("", "An invoice is late."))
    texts = build([document(1, "One", sections=together), document(2, "Two", sections=apart)], "en", None)
    views = texts.views(Question(read("parcel late", "en"))).views
    whole, passage = views[:, VIEWS.index("terms")], views[:, VIEWS.index("passage")]
    assert whole[0] == pytest.approx(whole[1])
    assert passage[0] > passage[1]


def test_what_was_asked_is_named_in_terms(shop_model):
    terms = ask(shop_model, "Where are my refunds?")[0].terms
    assert "refund" in terms
    assert len(terms) == len(set(terms))


MIXED = [
    document(11, "Var är mitt paket?", "Länken visar var paketet är.", "sv", article=1),
    document(12, "Where is my parcel?", "The link shows where the parcel is.", "en", article=1),
    document(22, "Customs and toll", "Parcels from abroad may cost customs duty.", "en", article=2),
    document(31, "Presentkort", "Skriv in koden i kassan.", "sv", article=3),
]


def test_another_language_only_where_the_readers_language_lacks_the_article():
    found = {one.article_id: one.language for one in ask(train(MIXED), "var är mitt paket, parcel customs", "sv")}
    assert found == {1: "sv", 2: "en", 3: "sv"}


def test_an_article_in_the_readers_language_is_never_shown_in_another():
    """However well the English text fits: the reader has the same answer in Swedish."""
    found = ask(train(MIXED), "Paket parcel", "sv")
    assert [one.language for one in found if one.article_id == 1] == ["sv"]


def test_the_page_says_in_which_language_a_short_text_is():
    """The page's language is the guess that only a text of several clear words outweighs."""
    english = {one.article_id: one.language for one in ask(train(MIXED), "paket", "en")}
    swedish = {
        one.article_id: one.language for one in ask(train(MIXED), "Jag undrar var mitt paket är någonstans", "en")
    }
    assert english == {1: "en", 2: "en", 3: "sv"}
    assert swedish == {1: "sv", 2: "en", 3: "sv"}


def test_a_text_in_another_language_needs_more_to_be_shown(bare_model):
    asked = "When do I get my refund?"
    foreign = rank_question(bare_model, asked, "fi")[0]
    assert (foreign.article_id, foreign.language) == (REFUND, "en")
    assert foreign.probability < ask(bare_model, asked)[0].probability


def test_a_synonym_finds_what_the_text_calls_otherwise(bare_model):
    def same(text, language):
        return ["gift card"] if "coupon" in text and language == "en" else []

    with_it = rank_question(bare_model, "My coupon is refused", "en", same=same)
    without = next(one for one in ask(bare_model, "My coupon is refused") if one.article_id == GIFT_CARD)
    assert with_it[0].article_id == GIFT_CARD
    assert with_it[0].probability > 1.5 * without.probability


def test_the_question_itself_is_still_heard_beside_its_synonyms(bare_model):
    def same(text, language):
        return ["card"] if "invoice" in text else []

    assert rank_question(bare_model, "a receipt and an invoice", "en", same=same)[0].article_id == INVOICE


REJECTED = "my voucher for the garden party was refused"


@pytest.fixture(scope="module")
def told():
    """The shop, where customers turned down the gift card's article for this question."""
    return train(shop(rejections={GIFT_CARD: (REJECTED,)}))


def test_a_rejection_counts_for_alike_questions_and_for_no_other(shop_model, told):
    plain = shop_model
    same = probability(told, REJECTED, GIFT_CARD) / probability(plain, REJECTED, GIFT_CARD)
    alike_text = "my vouchers for a garden party were refused!"
    alike = probability(told, alike_text, GIFT_CARD) / probability(plain, alike_text, GIFT_CARD)
    assert same < alike < 0.9
    for other in ("where do I type the code of a gift card", "what is left on my gift card"):
        assert probability(told, other, GIFT_CARD) == pytest.approx(probability(plain, other, GIFT_CARD), rel=1e-4)


def test_a_rejection_of_one_article_speaks_against_no_other(shop_model, told):
    assert first(shop_model, REJECTED) == GIFT_CARD
    assert probability(told, REJECTED, REFUND) >= probability(shop_model, REJECTED, REFUND)


@pytest.mark.parametrize("text", ANYTHING, ids=lambda text: ascii(text[:12]))
@pytest.mark.parametrize("language", ["en", "sv", "ar", "", "x" * 50])
def test_nothing_that_a_customer_types_fails(shop_model, bare_model, text, language):
    for model in (shop_model, bare_model):
        found = rank_question(model, text, language, subject=text[:200])
        assert all(0 <= one.probability <= 1 for one in found)


def test_nor_with_sentence_vectors(encoded_model):
    for text in ANYTHING:
        found = encoded_model.rank(text, "en", ConceptEncoder().encode)
        assert all(0 <= one.probability <= 1 for one in found)


@pytest.mark.parametrize("text", ["🎉🎉 🙃", "متى أسترد أموالي؟", "我的包裹在哪裡", "a" * 10_000, "qwx zzrt plomf"])
def test_what_no_article_knows_is_shown_nothing(shop_model, bare_model, text):
    for model in (shop_model, bare_model):
        assert all(one.probability < 0.4 for one in ask(model, text))


def test_ten_thousand_characters_around_one_question(shop_model):
    text = "I forgot my password and cannot log in. " + "Thank you for all that you do. " * 320
    assert first(shop_model, text) == PASSWORD


def test_a_question_in_a_language_without_any_article_but_others():
    found = ask(train([document(1, "Refund", "Money back.", "xx")]), "refund", "xx")
    assert [(one.article_id, one.language) for one in found] == [(1, "xx")]


def test_texts_of_nothing_but_signs():
    model = train([document(1, "🎉"), document(2, ""), document(3, "Refund", phrasings=("?!",))])
    assert first(model, "refund") == 3
