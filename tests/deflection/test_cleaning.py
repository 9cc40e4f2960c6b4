"""What is left of a written question, and that no text can keep the matcher busy."""

from __future__ import annotations

import time

import pytest

from deflection.matching.cleaning import question_of


def test_greeting_quote_address_and_signature_say_nothing_of_the_question():
    text = (
        "Hi there,\n> old\nwhere is my refund for AB-12345? Write to cleo.lind@mail.example.com\n\nBest regards\nCleo"
    )
    assert " ".join(question_of(text).split()) == "where is my refund for ? Write to"


def test_a_text_that_is_all_greeting_is_kept():
    assert question_of("Best regards\nCleo") == "Best regards\nCleo"


@pytest.mark.parametrize("unit", ["@", "\n", " ", " \n", "a@", "@.", "> ", "> a\n", "1(", "1-", "https://", "\nmed "])
def test_no_text_takes_long(unit):
    started = time.perf_counter()
    question_of("a" + unit * (20_000 // len(unit)) + "b")
    assert time.perf_counter() - started < 1
