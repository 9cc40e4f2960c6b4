"""The list of cases in a browser: searching, choosing many, changing them with the real worker, on a phone too."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_every_page import violations

pytestmark = pytest.mark.browser
OPEN = "/desk/?view=open"


def overflow(page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 320)])
def test_every_state_of_the_list_is_accessible_and_fits(log_in, open_page, scheme, width):
    state = log_in("agent").context.storage_state()
    page = open_page(
        OPEN,
        storage_state=state,
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 900},
    )
    found, wide = violations(page), [overflow(page)]
    for path, opens in (
        (f"{OPEN}&language=sv&tag=vip", ".filters summary"),
        ("/desk/?q=jacka+is:nonsense", ".search-help summary"),
        ("/desk/?q=zzzzz", ""),
        ("/desk/filters/?view=open&language=sv", ""),
    ):
        page.goto(path)
        if opens:
            page.locator(opens).click()
        found += violations(page)
        wide.append(overflow(page))
    page.goto(OPEN)
    page.locator(".choose input").first.check()
    page.locator("#bulk-action").select_option("reply")
    page.locator("#bulk button").click()
    expect(page.locator("h1")).to_have_text("Answer all")
    found += violations(page)
    assert found == []
    assert max(*wide, overflow(page)) <= 0


def test_cases_are_chosen_changed_and_found_by_their_tag(log_in):
    page = log_in("agent")
    page.goto(OPEN)
    expect(page.locator(".bulk-do")).to_be_hidden()
    boxes = page.locator(".choose input")
    boxes.nth(0).check()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator(".choose input:checked")).to_have_count(3)
    page.locator("#bulk-action").select_option("add_tags")
    page.locator("#bulk button").click()
    page.get_by_label("Tags").fill("storm test")
    page.get_by_role("button", name="Do it with 3 cases").click()
    page.wait_for_url(re.compile(r"/desk/bulk/[0-9a-f-]+/"))
    # The page asks again by itself until the worker is done.
    expect(page.locator("#progress-words")).to_contain_text("3 of 3", timeout=20_000)
    expect(page.locator("#progress .notice.ok")).to_be_visible()
    page.goto("/desk/?q=" + 'tag:"storm test"')
    expect(page.locator(".case-row")).to_have_count(3)
    page.goto(OPEN + "&tag=storm+test")
    expect(page.locator(".case-row")).to_have_count(3)
    page.locator(".filter-chips a").click()
    expect(page.locator(".filter-chips")).to_have_count(0)


def test_an_order_takes_effect_at_once_and_the_menu_folds_on_a_phone(log_in, open_page):
    state = log_in("agent").context.storage_state()
    page = open_page(OPEN, storage_state=state, viewport={"width": 360, "height": 800})
    page.locator("#sort").select_option("newest")
    page.wait_for_url(lambda url: "sort=newest" in url)
    leave = page.locator("#rail-leave")
    expect(leave).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(leave).to_be_visible()


def test_all_of_it_works_without_scripts(log_in, open_page):
    state = log_in("agent").context.storage_state()
    page = open_page(OPEN, storage_state=state, java_script_enabled=False)
    page.locator("#sort").select_option("newest")
    page.get_by_role("button", name="Sort").click()
    assert "sort=newest" in page.url
    page.locator(".choose input").first.check()
    page.locator("#bulk-action").select_option("priority")
    page.locator("#bulk button").click()
    page.get_by_role("button", name="Do it with 1 case").click()
    assert re.search(r"/desk/bulk/[0-9a-f-]+/", page.url)
    expect(page.locator("#rail-leave")).to_be_visible()


def test_beside_a_case_the_language_stands_on_the_line_of_the_status(log_in):
    page = log_in("agent")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/desk/?view=waiting")
    page.locator(".case-row").first.click()
    expect(page.locator(".beside .case-row").first).to_be_visible()
    tops = "row => [...row.querySelectorAll('[data-status], [title]:not(.topic)')].map(one => one.offsetTop)"
    lines = page.locator(".beside .case-row").evaluate_all(f"rows => rows.map({tops})")
    assert lines
    assert all(len({*line}) == 1 for line in lines), lines
