"""The search box in a real browser: spelling, sections, topics, other languages, and nothing found."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_every_page import violations

pytestmark = pytest.mark.browser

BOX = "form[role=search] input[name=q]"
IN_SIGHT = """element => {
    const place = element.getBoundingClientRect();
    return place.top >= 0 && place.bottom <= innerHeight;
}"""


def typed(page: Page, text: str) -> None:
    box = page.locator(BOX).first
    box.click()
    box.press_sequentially(text, delay=10)
    expect(page.get_by_role("option").first).to_be_visible()


def total(page: Page) -> int:
    found = re.match(r"\d+", page.locator("h1").inner_text())
    return int(found.group()) if found else 0


# --- The page of results ------------------------------------------------------------------------------


@pytest.mark.parametrize("javascript", [True, False])
def test_a_typo_is_corrected_at_once_and_the_original_is_one_click_away(open_page, javascript):
    page = open_page("/en/", java_script_enabled=javascript)
    page.locator(BOX).first.fill("refnud")
    page.locator("form[role=search] button").first.click()
    expect(page.locator("main")).to_contain_text("Showing results for refund.")
    expect(page.get_by_role("link", name="When do I get my refund?")).to_be_visible()
    page.get_by_role("link", name="Search instead for “refnud”").click()
    expect(page.locator("h1")).to_have_text("No answer for “refnud” yet")


@pytest.mark.parametrize("width", [360, 1440])
def test_a_section_hit_lands_on_its_heading(open_page, width):
    page = open_page("/en/search/?q=refund", viewport={"width": width, "height": 700})
    hit = page.locator(".section-hit a").first
    title = hit.inner_text()
    hit.click()
    page.wait_for_url("**/articles/**")
    heading = page.locator(":is(h2, h3, h4):target")
    expect(heading).to_have_text(title)
    assert heading.evaluate(IN_SIGHT)
    assert heading.evaluate("e => getComputedStyle(e).backgroundColor") != "rgba(0, 0, 0, 0)"


def test_the_whole_answer_is_clickable_and_so_is_its_section(open_page):
    page = open_page("/en/search/?q=refund")
    answer = page.locator(".answer", has=page.locator(".section-hit")).first
    title = answer.locator("h2").inner_text()
    # Where the passage is read, what is clicked is the title's link: it covers the answer.
    box = answer.locator("p.muted").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/articles/**")
    assert "#" not in page.url
    expect(page.locator("h1")).to_have_text(title)


def test_topics_tell_how_many_answers_they_hold_and_keep_the_search(open_page):
    page = open_page("/en/search/?q=refund")
    every = total(page)
    chips = page.locator(".filter a:not([aria-current])")
    assert chips.count() > 1
    held = int(chips.first.locator(".count").inner_text())
    assert 0 < held < every
    name = chips.first.inner_text()
    chips.first.click()
    expect(page.locator(".filter a[aria-current]")).to_have_text(re.compile(name.split("\n")[0].split(" ")[0]))
    assert total(page) == held
    assert page.locator(BOX).first.input_value() == "refund"
    page.get_by_role("link", name="All topics").first.click()
    assert total(page) == every


def test_nothing_found_takes_the_words_along_to_a_person(open_page):
    page = open_page("/en/search/?q=unicycle+juggling")
    expect(page.locator("h1")).to_contain_text("No answer for")
    assert page.locator("main a[href*='/topics/']").count() > 3
    assert page.locator("main .ways .chip").count() >= 1
    page.locator("main").get_by_role("link", name="Write to us").first.click()
    expect(page.locator("textarea[name=message]")).to_have_value("unicycle juggling")


def test_answers_in_another_language_come_last_and_say_so(open_page):
    page = open_page("/nb/search/?q=kvitto")
    others = page.locator("[aria-labelledby=other-languages] .answer")
    expect(others.first).to_be_visible()
    expect(others.first.locator(".chip")).to_be_visible()
    assert others.first.locator("h3").get_attribute("lang") in ("sv", "da", "en")
    last_own = page.locator(".answer h2").last
    if last_own.count():
        assert last_own.bounding_box()["y"] < others.first.bounding_box()["y"]


# --- While somebody types -----------------------------------------------------------------------------


def test_titles_show_the_typed_letters_and_a_typo_is_understood(open_page):
    page = open_page("/en/")
    typed(page, "refu")
    expect(page.locator("[role=option] mark").first).to_have_text(re.compile("^refu$", re.IGNORECASE))
    page.locator(BOX).first.fill("")
    typed(page, "refnud")
    expect(page.locator(".typeahead .note")).to_have_text("Showing results for “refund”.")
    expect(page.locator("form[role=search] [role=status]")).to_contain_text("Showing results for “refund”.")
    page.get_by_role("option", name="Search instead for “refnud”").click()
    page.wait_for_url("**/search/?q=refnud&exact=1")


def test_a_section_is_named_where_the_title_does_not_say_it_and_opened_by_keyboard(open_page):
    page = open_page("/en/")
    typed(page, "what it costs label")
    option = page.locator("[role=option]:has(.where)").first
    section = option.locator(".where").inner_text()
    for _ in range(6):
        page.keyboard.press("ArrowDown")
        if option.get_attribute("aria-selected") == "true":
            break
    assert page.locator(BOX).first.get_attribute("aria-activedescendant") == option.get_attribute("id")
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/**")
    heading = page.locator(":is(h2, h3, h4):target")
    expect(heading).to_have_text(section)
    assert heading.evaluate(IN_SIGHT)
    assert "typed=" not in page.url


def test_another_language_is_marked_in_the_list(open_page):
    page = open_page("/nb/")
    typed(page, "kvitto")
    option = page.locator("[role=option]:has(.chip)").first
    expect(option.locator(".chip")).to_contain_text("På ")
    assert option.locator("b").get_attribute("lang") in ("sv", "da", "en")


def test_odd_letters_typed_quickly_do_no_harm(open_page):
    page = open_page("/en/")
    page.locator(BOX).first.press_sequentially("<b>[(*refund", delay=5)
    page.wait_for_timeout(600)
    expect(page.locator(".typeahead b b")).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=**")
    assert total(page) > 0


# --- For everyone -------------------------------------------------------------------------------------


# Colours are the same at every width.
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
def test_axe_finds_nothing_in_any_state(open_page, scheme, width):
    viewport = {"width": width, "height": 900}
    page = open_page("/en/", color_scheme=scheme, reduced_motion="reduce", viewport=viewport)
    found: list[str] = []
    for path in (
        "/en/search/?q=refund",
        "/en/search/?q=refnud",
        "/en/search/?q=refund&topic=delivery",
        "/en/search/?q=refund&topic=sizes",
        "/en/search/?q=unicycle",
        "/nb/search/?q=kvitto",
        "/sv/search/?q=aterbetalning&exact=1",
        "/en/articles/how-do-i-send-something-back/#s-what-it-costs",
    ):
        page.goto(path)
        found += violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    for path, text in (("/en/", "refnud"), ("/nb/contact/", "kvitto")):
        page.goto(path)
        typed(page, text)
        page.keyboard.press("ArrowDown")
        found += violations(page)
    assert found == []


def test_the_admin_of_search_is_accessible(log_in):
    page = log_in("admin")
    found: list[str] = []
    for path in ("/admin/knowledge/synonym/add/", "/admin/knowledge/searchtuning/"):
        page.goto(path)
        found += [one for one in violations(page) if "sv-" in one]
    page.locator("input[name=query]").fill("refund")
    page.locator("input[name=body]").fill("15")
    page.keyboard.press("Enter")
    expect(page.locator("#preview-heading")).to_contain_text("refund")
    expect(page.locator(".sv-ranked")).to_have_count(2)
    assert page.locator(".sv-ranked .sv-chip").count() > 0
    found += [one for one in violations(page) if "sv-" in one]
    assert found == []
