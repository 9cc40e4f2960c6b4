"""The panel beside a case in a browser, and the pages about customers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_every_page import violations

pytestmark = pytest.mark.browser


def open_case(page: Page) -> None:
    page.goto("/desk/?view=waiting")
    page.locator(".case-row").first.click()
    page.wait_for_url(re.compile(r"/desk/SV-\d+/"))


def test_the_panel_changes_in_place_and_leaves_the_answer_alone(log_in):
    page = log_in("agent")
    open_case(page)
    page.locator("#id_body").fill("Words that must stay")
    page.locator("h1").click()
    page.keyboard.press("p")
    expect(page.locator("#id_priority")).to_be_focused()
    page.locator("#id_priority").select_option("urgent")
    page.locator(".prop[open] button").click()
    expect(page.locator(".prop-value.notable")).to_have_text("Urgent")
    page.locator("#id_tags").fill("Fragile, #Glass")
    page.keyboard.press("Enter")
    expect(page.locator(".tag-list")).to_contain_text("fragile")
    expect(page.locator("#id_tags")).to_be_focused()
    page.locator("#id_tags").fill("x" * 60)
    page.keyboard.press("Enter")
    expect(page.locator("#tags-error")).to_contain_text("too long")
    expect(page.locator("#id_tags")).to_have_value("x" * 60)
    page.get_by_role("button", name="Remove the tag glass").click()
    expect(page.locator(".tag-list")).not_to_contain_text("glass")
    expect(page.locator("#id_body")).to_have_value("Words that must stay")


def test_one_change_after_the_other_loses_neither_nor_what_is_being_written(log_in):
    page = log_in("agent")
    open_case(page)
    waiting: list[Route] = []
    page.route("**/tags/*", lambda route: waiting.append(route))
    page.locator("#id_tags").fill("first")
    page.keyboard.press("Enter")
    page.locator("#people summary").first.click()
    page.locator("#id_copy").fill("second@example.com")
    page.keyboard.press("Enter")
    page.locator("#linked summary").click()
    page.locator("#id_case").fill("SV-1")
    expect(page.locator("#case-side")).to_have_attribute("aria-busy", "true")
    waiting[0].continue_()
    expect(page.locator(".tag-list")).to_contain_text("first")
    expect(page.locator("#people")).to_contain_text("second@example.com")
    expect(page.locator("#id_case")).to_have_value("SV-1")
    expect(page.locator("#id_case")).to_be_focused()
    assert page.locator("main").count() == page.locator("#case-side").count() == 1


def test_a_new_subject_is_seen_at_the_top_at_once(log_in):
    page = log_in("agent")
    open_case(page)
    page.locator("h1").click()
    page.keyboard.press("e")
    page.locator("#id_subject").fill("A subject of its own")
    page.locator(".prop[open] button").click()
    expect(page.locator("h1")).to_have_text("A subject of its own")


def test_without_scripts_the_panel_works_too(log_in, open_page):
    page = log_in("agent")
    plain = open_page("/en/", java_script_enabled=False, storage_state=page.context.storage_state())
    open_case(plain)
    plain.locator("#people summary").first.click()
    plain.locator("#id_copy").fill("colleague@example.com")
    plain.locator("#people .prop[open] button").click()
    expect(plain.locator("#people")).to_contain_text("colleague@example.com")
    expect(plain.locator("main")).to_contain_text("From now on they get a copy of each answer.")


# Colours are the same at every width.
@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
def test_the_pages_about_customers_are_accessible(log_in, scheme, width):
    page = log_in("agent")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    open_case(page)
    merge = page.locator("[data-key=x]").get_attribute("href")
    person = page.locator("#case-side h2 a").first.get_attribute("href")
    assert merge
    assert person
    found: list[str] = []
    for path in ("/desk/customers/", "/desk/customers/?find=zzzz", "/desk/customers/duplicates/", person,
                 f"{person}merge/?find=a", merge, f"{merge}?into=SV-10001"):  # fmt: skip
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        found += violations(page)
    assert found == []
