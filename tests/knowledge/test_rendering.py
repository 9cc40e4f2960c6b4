"""What authors write, and nothing else, becomes HTML."""

from __future__ import annotations

import pytest

from knowledge.rendering import render


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](javascript:alert(1))",
        '<a href="https://example.com" onclick="alert(1)">x</a>',
        '<style>*{display:none}</style><p style="position:fixed">x</p>',
        "[x]: javascript:alert(1)\n\n[x]",
        '<iframe src="https://example.com"></iframe>',
        "<svg><script>alert(1)</script></svg>",
    ],
)
def test_no_markup_of_an_author_can_run(attack):
    html = render(attack).html
    for forbidden in ("<script", "<iframe", "<style", "<svg", 'href="javascript', 'href="data', 'src="javascript'):
        assert forbidden not in html.lower()
    # What looks like an event handler may stand there as words, never as an attribute of a tag.
    assert not any("onerror" in tag or "onclick" in tag for tag in html.split("<")[1:] if not tag.startswith("p>"))


def test_headings_become_the_table_of_contents_with_anchors():
    rendered = render("Intro.\n\n## How long\n\nFive days.\n\n## How long\n\nAgain.\n\n### Detail\n\nMore.")
    assert [(one.anchor, one.title) for one in rendered.contents] == [
        ("s-how-long", "How long"),
        ("s-how-long-1", "How long"),
    ]
    assert 'id="s-how-long"' in rendered.html
    assert [section.text for section in rendered.sections] == ["Intro.", "Five days.", "Again.", "More."]


def test_a_first_level_heading_does_not_compete_with_the_title():
    assert "<h1" not in render("# Title\n\nText").html


def test_links_to_articles_and_to_the_form_get_their_addresses():
    rendered = render("See [returns](article:send-back#s-how) or [write](contact:).")
    assert "/articles/send-back/?by=key#s-how" in rendered.html
    assert "/contact/" in rendered.html
    assert rendered.article_keys == ("send-back",)


def test_tables_scroll_by_themselves_and_name_their_columns():
    html = render("| A | B |\n|---|---:|\n| 1 | 2 |").html
    assert 'class="table-scroll"' in html
    assert '<th scope="col">A</th>' in html
    assert "style=" not in html


def test_alerts_are_titled_in_the_language_of_the_text():
    html = render("> [!NOTE]\n> Read this.", "en").html
    assert '<div class="alert alert-note">' in html
    assert '<p class="alert-title">Good to know</p>' in html
    assert "[!NOTE]" not in html


def test_reading_time_is_at_least_a_minute():
    assert render("Short.").minutes == 1
    assert render("word " * 600).minutes == 3


def test_plain_text_keeps_paragraphs_items_and_rows_apart():
    (section,) = render("One.\n\n- Two\n- Three\n\n| Paid by | Money back |\n|---|---|\n| Card | 3 days |").sections
    assert section.text == "One.\nTwo\nThree\nPaid by: Money back.\nCard: 3 days."
