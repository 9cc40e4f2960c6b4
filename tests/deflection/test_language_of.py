"""In which language somebody writes, the page's being the best guess."""

from __future__ import annotations

import pytest

from deflection.matching.foreign import foreign_fields, foreign_questions
from deflection.matching.language_of import LANGUAGES, language_of

QUESTIONS = {
    "en": ["Where is my parcel?", "I sent a jacket back two weeks ago and still have no refund."],
    "sv": ["Var är mitt paket?", "Jag skickade tillbaka en jacka för två veckor sedan och har inte fått mina pengar."],
    "nb": ["Hvor blir pakken min av?", "Jeg sendte en jakke tilbake for to uker siden og har ikke fått pengene mine."],
    "da": [
        "Hvad sker der med min pakke?",
        "Jeg sendte en jakke tilbage for to uger siden og har ikke fået mine penge.",
    ],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_in_the_pages_language_is_taken_for_it(language):
    for question in QUESTIONS[language]:
        assert language_of(question, language) == language


@pytest.mark.parametrize("page", LANGUAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_whole_sentence_in_another_language_is_noticed(language, page):
    assert language_of(QUESTIONS[language][1], page) == language


@pytest.mark.parametrize("text", ["", "iPhone 15", "retur", "😀", "12345", "visa"])
def test_what_could_be_any_language_is_the_pages(text):
    assert [language_of(text, page) for page in LANGUAGES] == list(LANGUAGES)


def test_a_language_that_is_not_told_apart_stays_as_it_is():
    assert language_of("Where is my parcel?", "fi") == "fi"


@pytest.mark.parametrize("language", LANGUAGES)
def test_own_questions_without_an_article_are_many_varied_and_in_their_language(language):
    questions = foreign_questions(language)
    assert len(set(questions)) == len(questions) >= 250
    assert len(foreign_fields(language)) >= 25
    assert all(1 < len(question.split()) <= 60 for question in questions)
    right = sum(language_of(question, language) == language for question in questions)
    assert right / len(questions) > 0.98


def test_a_language_without_own_questions_has_none():
    assert foreign_questions("fi") == ()
