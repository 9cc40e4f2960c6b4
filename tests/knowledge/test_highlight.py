"""The passage that answers, with the words that matched."""

from __future__ import annotations

from knowledge.search import analysis
from knowledge.search.highlight import best_passage, mark


def passage(blocks: list[str], query: str, language: str = "en") -> str:
    return best_passage(blocks, analysis.query_terms(query, language), language).plain


def test_the_summary_is_preferred_unless_a_section_says_clearly_more():
    blocks = ["The refund comes within five days.", "Refunds by card take three days.", "Wash wool at thirty degrees."]
    assert passage(blocks, "refund") == blocks[0]
    assert passage(blocks, "wash wool thirty") == blocks[2]


def test_a_summary_without_any_of_the_words_gives_way_to_what_has_them():
    assert passage(["Use the link.", "The courier brings it."], "courier") == "The courier brings it."


def test_a_passage_never_runs_from_one_section_into_the_next():
    assert passage(["", "The jacket leaks", "Wash the jacket"], "jacket leaks") == "The jacket leaks"


def test_other_forms_of_a_word_are_marked_in_every_language():
    pieces = mark("Återbetalningen kommer.", analysis.query_terms("återbetalningar", "sv"), "sv").pieces
    assert pieces == (("Återbetalningen", True), (" kommer.", False))


def test_a_long_sentence_is_cut_at_a_word():
    text = passage(["word " * 200], "word")
    assert len(text) < 310
    assert text.endswith("word…")


def test_nothing_to_show_is_no_error():
    assert passage([], "refund") == ""
    assert passage([""], "refund") == ""
