"""What is left of a written question, and that no text can keep the matcher busy."""

from __future__ import annotations

import time

import pytest

from deflection.matching.cleaning import question_of
from deflection.matching.details import without_details


def flat(text: str, subject: str = "") -> str:
    return " ".join(question_of(text, subject).split())


def test_greeting_quote_address_and_signature_say_nothing_of_the_question():
    text = (
        "Hi there,\n> old\nwhere is my refund for AB-12345? Write to cleo.lind@mail.example.com\n\nBest regards\nCleo"
    )
    assert flat(text) == "where is my refund for ? Write to"


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Hej! Var är mitt paket? Mvh Anna Svensson", "Var är mitt paket?"),
        (
            "Hej Svar, hoppas ni mår bra. Tröjan kom aldrig. Tack på förhand!\n\nMed vänlig hälsning\nBo",
            "Tröjan kom aldrig.",
        ),
        ("Kære Svar\nJeg kan ikke logge ind.\nPå forhånd tak\nKh Mette", "Jeg kan ikke logge ind."),
        ("Heisann! Jeg har et spørsmål. Når åpner dere? Ha en fin dag!", "Når åpner dere?"),
        ("Hello I would like to return a jacket. Thanks", "I would like to return a jacket."),
        ("Dear Sir or Madam,\nThe zip is broken.\nYours faithfully\nB. Smith\n12 Elm Road", "The zip is broken."),
        ("Where is it?\nSent from my iPhone", "Where is it?"),
        ("Help! My account is locked.", "My account is locked."),
    ],
)
def test_politeness_at_either_end_goes(text, question):
    assert flat(text) == question


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for the quick delivery but the jacket is too small",
        "Hälsningar till chefen gick inte att skicka",
        "Från: köket luktar det",
        "On the 3rd I wrote: where is it",
        "It costs 100 kr, Anna",
        "Please help me find my password",
        "My name is not right. From: what is that",
    ],
)
def test_words_of_politeness_within_the_question_stay(text):
    assert flat(text) == text


def test_thanks_on_a_line_of_its_own_does_not_hide_the_question_below():
    text = "The jacket is too small.\nThanks Bob\nbut where is my refund?"
    assert "where is my refund?" in flat(text)


def test_a_postscript_is_part_of_the_question():
    assert flat("The app crashes.\nThanks,\nBob\n\nPS: can I get an invoice?") == (
        "The app crashes. PS: can I get an invoice?"
    )


@pytest.mark.parametrize(
    "quoted",
    [
        "On Mon, 3 Dec 2024 at 10:00, Svar <help@example.com> wrote:\n> Try again",
        "On Mon, 3 Dec 2024 at 10:00, Svar\n<help@example.com> wrote:\n\nTry again",
        "Den mån 3 dec. 2024 kl 10:00 skrev Svar <help@example.com>:\nProva igen",
        "3. des. 2024 kl. 10:00 skrev Svar <help@example.com>:\n\nPrøv igjen",
        "Den man. 3. dec. 2024 kl. 10.00 skrev Svar <help@example.com>:\nPrøv igen",
        "From: Svar <help@example.com>\nSent: 3 December 2024 10:00\nTo: Cleo\nSubject: Re: Return\n\nTry again",
        "Från: Svar <a@example.com>\nSkickat: den 3 december 2024\nTill: Cleo\nÄmne: SV: Retur\n\nProva igen",
        "Fra: Svar <a@example.com>\nSendt: 3. desember 2024\nTil: Cleo\nEmne: SV: Retur\n\nPrøv igjen",
        "-----Original Message-----\nFrom: Svar\nTry again",
        "-----Ursprungligt meddelande-----\nProva igen",
        "________________________________\nFrom: Svar\nTry again",
        "> Try again",
    ],
)
def test_quoted_mail_goes(quoted):
    assert flat(f"It does not work.\n\n{quoted}") == "It does not work."


def test_mail_that_was_passed_on_is_the_question():
    text = "-----Original Message-----\nFrom: Bo\nTo: Ada\nSubject: x\n\nHow do I return this?"
    assert flat(text) == "How do I return this?"
    assert flat("> How do I return this?") == "How do I return this?"


@pytest.mark.parametrize("text", ["Best regards\nCleo", "Hi", "hej hej", "Thank you", "Tack på förhand!"])
def test_a_text_that_is_all_greeting_is_kept(text):
    assert question_of(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("where is order 1042-77 please", "where is order please"),
        ("my ordernr: SV-10023 has not come", "my ordernr has not come"),
        ("sagsnr. #12345 mangler", "sagsnr. mangler"),
        ("IBAN SE45 5000 0000 0583 9825 7466 was refused", "IBAN was refused"),
        ("card 4111 1111 1111 1111 declined", "card declined"),
        ("call +46 70 123 45 67 please", "call please"),
        ("bor på Storgatan 12 B, 114 55 Stockholm och väntar", "bor på och väntar"),
        ("parcel RR123456789SE is late", "parcel is late"),
        ("bought on 2024-12-03 here", "bought on here"),
        ("see https://example.com/a?b=1 please", "see please"),
    ],
)
def test_order_details_go(text, left):
    assert without_details(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "error code E1042 on my WH-1000XM4",
        "an extra £1 charge, 299 kr and 45 EUR",
        "in order to pay",
        "iPhone 15 Pro 256",
        "from 1939-1945",
        "case sensitive passwords",
        "order 12 socks",
    ],
)
def test_numbers_that_tell_of_the_trouble_stay(text):
    assert without_details(text) == text


def test_the_subject_counts_once_and_only_if_it_says_something():
    assert question_of("Where is it?", "SV: Re: Refund for order 12345") == "Refund for order\nWhere is it?"
    assert question_of("Where is it?", "Fråga") == "Where is it?"
    assert question_of("Return a jacket, how?", "Return a jacket") == "Return a jacket, how?"


@pytest.mark.parametrize(
    "unit",
    [
        "@", "\n", " ", " \n", "a@", "@.", "> ", "> a\n", "1(", "1-", "https://", "\nmed ", "hi ", "on 1 ", "on 1\n",
        "from: a\n", "mvh ", "\nmvh", "thanks.", "tack ", "hope you are ", "1 ", "A1", "order ", "AB12 ", "gatan ",
        "- ", "_", "\n--\n", ". ", "SE12 3456 ", "on 1 skrev ", "Ab ",
    ],
)  # fmt: skip
def test_no_text_takes_long(unit):
    started = time.perf_counter()
    question_of("a" + unit * (20_000 // len(unit)) + "b", unit * 300)
    assert time.perf_counter() - started < 1
