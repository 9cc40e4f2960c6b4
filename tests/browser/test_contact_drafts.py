"""Drafts and uploads in a real browser: reload, offline, another tab, another browser, a server that starts anew."""

from __future__ import annotations

import os
import re
import uuid

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.site import CASE

pytestmark = pytest.mark.browser
STORY = "The zip of my jacket broke on the second day, and I would like a new one."


def address() -> str:
    return f"cleo-{uuid.uuid4().hex[:8]}@example.com"


def message(page: Page):
    return page.locator("textarea[name=message]")


def status(page: Page):
    return page.locator("[data-draft-status]")


def write(page: Page, text: str = STORY) -> None:
    message(page).fill(text)
    expect(status(page)).to_have_text("Your text is saved", timeout=15_000)


def forget_here(page: Page) -> None:
    """As in another browser of the same person: the server's draft is all there is."""
    page.goto("/en/status/")
    page.evaluate("localStorage.clear()")


def test_a_draft_comes_back_from_the_server_where_the_browser_has_none(open_page):
    page = open_page("/en/contact/")
    page.get_by_label("It is about").select_option("returns")
    page.get_by_label("Order number").fill("HV-1234567")
    write(page)
    forget_here(page)
    page.goto("/en/contact/")
    expect(message(page)).to_have_value(STORY)
    expect(page.get_by_label("Order number")).to_have_value("HV-1234567")


def test_offline_is_told_and_the_message_goes_when_the_connection_is_back(open_page):
    page = open_page("/en/contact/")
    page.context.set_offline(True)
    message(page).fill(STORY)
    page.locator("input[name=email]").fill(address())
    expect(status(page)).to_contain_text("offline", timeout=15_000)
    page.locator("[data-send]").click()
    expect(page.locator("[data-send-status]")).to_contain_text("goes by itself")
    page.get_by_role("button", name="Do not send").click()
    expect(message(page)).to_have_value(STORY)
    page.locator("[data-send]").click()
    expect(page.locator("[data-send-status]")).to_contain_text("goes by itself")
    page.context.set_offline(False)
    page.wait_for_url(CASE, timeout=20_000)
    expect(page.locator("main")).to_contain_text(STORY)


def test_two_tabs_write_one_draft_and_what_one_has_overtaken_is_offered_back(open_page):
    page = open_page("/en/contact/")
    other = page.context.new_page()
    other.goto("/en/contact/")
    write(other, "Written in the other tab.")
    expect(message(page)).to_have_value("Written in the other tab.")
    write(page, "Written in the first tab.")
    expect(message(other)).to_have_value("Written in the first tab.")
    expect(other.locator("[data-other]")).to_contain_text("Written in the other tab.")
    other.get_by_role("button", name="Use that text").click()
    expect(message(other)).to_have_value("Written in the other tab.")
    expect(message(page)).to_have_value("Written in the other tab.")


def test_starting_over_can_be_undone(open_page):
    page = open_page("/en/contact/")
    page.locator("input[type=file]").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"hello"})
    expect(page.locator("[data-file-list]")).to_contain_text("Uploaded")
    write(page)
    page.get_by_role("button", name="Start over").click()
    expect(message(page)).to_have_value("")
    expect(page.locator("[data-file-list] li")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(message(page)).to_have_value(STORY)
    expect(page.locator("[data-file-list]")).to_contain_text("a.txt")
    expect(status(page)).to_have_text("Your text is saved", timeout=15_000)
    page.get_by_role("button", name="Start over").click()
    page.wait_for_timeout(800)
    page.reload()
    expect(message(page)).to_have_value("")
    expect(page.locator("[data-file-list] li")).to_have_count(0)


def test_an_upload_that_is_cut_in_the_middle_goes_on_where_it_was(open_page, site):
    page = open_page("/en/contact/")
    content = b"\x89PNG\r\n\x1a\n" + os.urandom(900_000)
    parts: list[int] = []

    def cut(route: Route) -> None:
        if route.request.method == "PATCH":
            parts.append(int(route.request.headers["upload-offset"]))
            if len(parts) == 3:
                route.abort("connectionreset")
                return
        route.continue_()

    page.route(re.compile("/contact/uploads/"), cut)
    page.locator("input[type=file]").set_input_files({"name": "zip.png", "mimeType": "image/png", "buffer": content})
    expect(page.locator("[data-file-list]")).to_contain_text("Waits for the connection")
    expect(page.locator("[data-file-list]")).to_contain_text("Uploaded", timeout=20_000)
    # Nothing was sent twice but the part that was cut.
    assert parts[2] == parts[3] > 0
    assert sorted(set(parts)) == parts[:3] + parts[4:]
    page.reload()
    expect(page.locator("[data-file-list]")).to_contain_text("zip.png")
    mail = address()
    message(page).fill(STORY)
    page.locator("input[name=email]").fill(mail)
    page.locator("[data-send]").click()
    page.wait_for_url(CASE)
    code = (
        "from tickets.models import Attachment; "
        f"found = Attachment.objects.filter(message__ticket__customer__identities__value='{mail}'); "
        "print('sizes', [one.file.size for one in found])"
    )
    assert site.manage("shell", "-v0", "-c", code).strip().endswith(f"sizes [{len(content)}]")


def test_half_an_upload_is_added_to_when_the_file_is_chosen_again(open_page):
    page = open_page("/en/contact/")
    content = b"\x89PNG\r\n\x1a\n" + os.urandom(700_000)
    page.route(
        re.compile("/contact/uploads/"),
        lambda route: (
            route.abort()
            if route.request.method == "PATCH" and route.request.headers["upload-offset"] != "0"
            else route.continue_()
        ),
    )
    chosen = {"name": "zip.png", "mimeType": "image/png", "buffer": content}
    page.locator("input[type=file]").set_input_files(chosen)
    expect(page.locator("[data-file-list]")).to_contain_text("Waits for the connection")
    page.unroute_all()
    page.goto("/en/status/")
    page.goto("/en/contact/")
    expect(page.locator("[data-file-list]")).to_contain_text("Half of it is here")
    offsets: list[str] = []
    page.on("request", lambda asked: asked.method == "PATCH" and offsets.append(asked.headers["upload-offset"]))
    page.locator("input[type=file]").set_input_files(chosen)
    expect(page.locator("[data-file-list]")).to_contain_text("Uploaded")
    assert "0" not in offsets


def test_a_file_that_is_no_picture_is_named_and_can_be_replaced(open_page):
    page = open_page("/en/contact/")
    page.locator("input[type=file]").set_input_files(
        {"name": "virus.png", "mimeType": "image/png", "buffer": b"MZ" * 99}
    )
    expect(page.locator("[data-file-problems]")).to_contain_text("“virus.png” is not a kind of file that we can open")
    expect(page.locator("[data-file-list] li")).to_have_count(0)
    assert page.locator("input[type=file]").evaluate("field => field.files.length") == 0


def test_a_server_that_starts_anew_costs_no_word_and_no_part_of_a_file(open_page, site):
    page = open_page("/en/contact/")
    content = b"\x89PNG\r\n\x1a\n" + os.urandom(2_000_000)
    write(page)
    page.locator("input[type=file]").set_input_files({"name": "zip.png", "mimeType": "image/png", "buffer": content})
    site.restart()
    message(page).fill(f"{STORY} It was a gift.")
    expect(page.locator("[data-file-list]")).to_contain_text("Uploaded", timeout=60_000)
    expect(status(page)).to_have_text("Your text is saved", timeout=30_000)
    forget_here(page)
    page.goto("/en/contact/")
    expect(message(page)).to_have_value(f"{STORY} It was a gift.")
    page.locator("input[name=email]").fill(address())
    page.locator("[data-send]").click()
    page.wait_for_url(CASE)
    expect(page.get_by_role("link", name="zip.png")).to_be_visible()


def test_where_a_browser_keeps_nothing_all_else_works(open_page):
    page = open_page("/en/status/")
    page.context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, name, {get() { throw new DOMException("denied", "SecurityError"); }});
        Object.defineProperty(navigator, "cookieEnabled", {get: () => false});"""
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/en/contact/")
    message(page).fill("I sent back a jacket two weeks ago. When does the refund come?")
    expect(page.locator("[data-suggestions] a[data-article-id]").first).to_be_visible()
    page.get_by_label("It is about").select_option("returns")
    expect(page.get_by_label("Order number")).to_be_visible()
    assert not [url for url in asked if url.endswith("/contact/draft/")]
    page.locator("input[name=email]").fill(address())
    page.locator("[data-send]").click()
    page.wait_for_url(CASE)
