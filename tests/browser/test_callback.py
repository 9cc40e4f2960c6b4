"""Being called back, in a real browser without JavaScript and without a mouse; and the agent who calls."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import expect

from tests.browser.test_every_page import violations

pytestmark = pytest.mark.browser


def test_a_time_is_booked_and_cancelled_with_the_keyboard_alone(open_page):
    page = open_page("/en/call-back/", java_script_enabled=False, viewport={"width": 320, "height": 700})
    page.locator("input[name=phone]").focus()
    page.keyboard.type("+46 70 174 06 31")
    for key in ("Tab", "Tab", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    chosen = page.locator("input[name=slot]:checked + span").inner_text()
    page.locator("input[name=name]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"at {chosen}")
    page.get_by_role("button", name="Cancel the call-back").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("cancelled")


def test_what_an_agent_was_writing_outlives_the_list_that_is_read_again(open_page):
    name = f"Cleo {uuid.uuid4().hex[:6]}"
    page = open_page("/sv/call-back/", reduced_motion="reduce")
    page.locator("input[name=phone]").fill("070-174 06 32")
    page.locator("input[name=name]").fill(name)
    page.locator("main form .btn.big").click()
    page.wait_for_url("**/call-back/*/?key=*")
    assert violations(page) == []
    desk = open_page("/accounts/login/", reduced_motion="reduce")
    desk.locator("input[name=login]").fill("agent@demo.example")
    desk.locator("input[name=password]").fill("demo-agent")
    desk.locator("main form .btn").first.click()
    desk.wait_for_url("**/desk/**")
    desk.goto("/desk/callbacks/")
    row = desk.locator(".callback", has_text=name)
    row.locator("summary").click()
    row.locator("textarea").fill("Half written")
    assert violations(desk) == []
    # What the page asks for by itself each minute.
    desk.evaluate("htmx.ajax('GET', location.pathname, {target: '#calls', select: '#calls', swap: 'outerHTML'})")
    desk.wait_for_function("document.querySelector('#calls:not(.htmx-request)')")
    expect(row.locator("textarea")).to_have_value("Half written")
    row.get_by_text("No answer").click()
    row.get_by_role("button", name="Note it").click()
    expect(desk.locator(".callback", has_text=name).locator(".callback-log")).to_contain_text("Half written")
