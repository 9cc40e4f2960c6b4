"""From the number on the page to a case at the desk: the reference is read out, and one key notes the call."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_every_page import violations

pytestmark = pytest.mark.browser
STORY = "The zip of my jacket is broken, and I leave on Friday."


def test_what_was_written_stands_beside_the_call_and_one_key_notes_it(open_page, log_in):
    customer = open_page("/en/contact/", reduced_motion="reduce")
    customer.locator("textarea[name=message]").fill(STORY)
    with customer.expect_response(re.compile("/contact/draft/")):
        customer.locator("textarea[name=message]").press_sequentially(" ")
    customer.goto("/en/phone/")
    found = violations(customer)
    number, reference = customer.locator(".call-number"), customer.locator(".spoken-reference strong")
    expect(number).to_have_attribute("href", re.compile(r"^tel:\+\d+$"))
    assert number.bounding_box()["y"] < reference.bounding_box()["y"]
    said = reference.inner_text().lower().replace(" ", "")

    agent = log_in("agent")
    agent.goto("/desk/phone/")
    expect(agent.locator("#find-caller")).to_be_focused()
    agent.keyboard.type(said)
    agent.keyboard.press("Enter")
    expect(agent.locator(".written-text")).to_contain_text("zip of my jacket")
    found += violations(agent)
    agent.locator("#id_name").fill("Kim Berg")
    agent.keyboard.press("Control+Enter")
    agent.wait_for_url(re.compile(r"/desk/SV-\d+/$"))
    expect(agent.locator("main")).to_contain_text("zip of my jacket")
    assert found == []


@pytest.mark.parametrize("width", [320, 1440])
def test_the_phone_page_is_as_wide_as_the_screen(open_page, width):
    page = open_page("/da/phone/", viewport={"width": width, "height": 800}, java_script_enabled=False)
    assert page.locator(".spoken-reference").count() == 1
    box = page.locator(".call-number").bounding_box()
    assert box["x"] + box["width"] <= width
