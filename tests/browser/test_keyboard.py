"""Search, contact and case by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import CASE

pytestmark = pytest.mark.browser


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Presses Tab until the element has the focus; what cannot be reached fails."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")


def test_the_skip_link_is_first_and_leads_to_the_content(open_page):
    page = open_page("/en/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")


def test_search_by_keyboard(open_page):
    page = open_page("/en/")
    tab_to(page, "form[role=search] input[name=q]")
    page.keyboard.type("refu", delay=20)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert page.locator("form[role=search] input[name=q]").first.get_attribute("aria-activedescendant")
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/**")
    expect(page.locator("h1")).to_contain_text("refund", ignore_case=True)


def test_escape_closes_the_list_and_enter_searches_what_was_typed(open_page):
    page = open_page("/en/")
    tab_to(page, "form[role=search] input[name=q]")
    page.keyboard.type("refu", delay=20)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option").first).to_be_hidden()
    page.keyboard.type("nd")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=refund*")


def test_contact_and_case_by_keyboard(open_page):
    page = open_page("/en/contact/")
    tab_to(page, "textarea[name=message]")
    page.keyboard.type("My parcel has been left in the rain and the box is torn.")
    tab_to(page, "input[name=email]")
    page.keyboard.type("keyboard@example.com")
    tab_to(page, "#contact-form button[type=submit].btn, #contact-form button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url(CASE)
    tab_to(page, "textarea[name=message]")
    page.keyboard.type("It was yesterday.")
    tab_to(page, "form button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("It was yesterday.")


def test_an_opened_suggestion_takes_and_gives_back_the_focus(open_page):
    page = open_page("/en/contact/")
    page.locator("textarea[name=message]").press_sequentially("When do I get my refund for the jacket I returned?")
    link = page.locator("[data-suggestions] a[data-article-id]").first
    expect(link).to_be_visible()
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-suggestion-panel]")).to_be_visible()
    expect(page.locator("[data-suggestion-panel] :focus, [data-suggestion-panel]:focus")).to_be_attached()
    page.keyboard.press("Escape")
    expect(page.locator("[data-suggestion-panel]")).to_be_hidden()
    expect(page.locator("[data-suggestions] a[data-article-id]").first).to_be_focused()
