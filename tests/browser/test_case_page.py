"""A customer comes back to a case: by letter, by login, with and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import CASE, Site
from tests.browser.test_every_page import violations
from tests.processes import until

pytestmark = pytest.mark.browser


def ask(page: Page, email: str) -> str:
    """Sends a case; returns its number."""
    page.goto("/en/contact/")
    page.locator("textarea[name=message]").fill("The zip of my rain jacket broke on the second day.")
    page.locator("input[name=email]").fill(email)
    page.locator("#contact-form .btn.big").click()
    page.wait_for_url(CASE)
    found = re.search(r"SV-\d+", page.url)
    assert found is not None
    return found[0]


def wait_for_letter(site: Site, email: str, subject: str) -> str:
    def come() -> bool:
        return any(subject in str(letter["Subject"]) for letter in site.letters_to(email))

    until(come, seconds=30, what=f"a letter “{subject}”")
    letter = next(one for one in reversed(site.letters_to(email)) if subject in str(one["Subject"]))
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def log_in_by_code(page: Page, site: Site, email: str) -> None:
    page.goto("/en/cases/")
    page.locator("main a[href*='/accounts/login/code/'], main a[href*='accounts%2Flogin%2Fcode']").first.click()
    page.locator("main input[type=email]").fill(email)
    page.locator("main form button[type=submit]").first.click()
    letter = wait_for_letter(site, email, "code")
    code = re.search(r"^\s*([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})?)\s*$", letter, re.MULTILINE)
    assert code is not None, letter
    page.locator("main input[name=code]").fill(code[1])
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/en/cases/")


@pytest.mark.parametrize("javascript", [True, False])
def test_the_link_comes_again_and_the_case_is_answered_closed_and_judged(open_page, site, javascript):
    email = f"back-{javascript}@example.com".lower()
    page = open_page("/en/", java_script_enabled=javascript)
    number = ask(page, email)

    page.goto("/en/cases/")
    page.locator("main [name=reference]").fill(number.lower())
    page.locator("main [name=email]").fill(email)
    page.locator("main .follow button").click()
    expect(page.locator("main [role=status]").first).to_contain_text("Look in your e-mail")
    link = re.search(
        r"http://127\.0\.0\.1:\d+(/en/cases/\S+key=\S+)", wait_for_letter(site, email, "Link to your case")
    )
    assert link is not None

    page.goto(link[1])
    page.locator("[data-reply] textarea").fill("It is the lower end of the zip.")
    page.locator("[data-reply] button[type=submit]").click()
    expect(page.locator(".msg").last).to_contain_text("It is the lower end of the zip.")
    page.get_by_role("button", name="It is solved, close the case").click()
    page.locator("label:has([name=satisfaction][value='4'])").click()
    page.locator("label:has([name=effort][value='6'])").click()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.locator("#rate")).to_contain_text("You answered: Satisfied.")

    page.locator("[data-reply] textarea").fill("It broke again.")
    page.get_by_role("button", name="Open the case again").click()
    expect(page.locator(".case-head .chip")).not_to_contain_text("Closed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_way_back(open_page, site, scheme):
    email = f"axe-back-{scheme}@example.com"
    page = open_page("/en/", color_scheme=scheme, reduced_motion="reduce")
    number = ask(page, email)
    page.get_by_role("button", name="It is solved, close the case").click()
    expect(page.locator("#rate")).to_be_visible()
    found = violations(page)
    page.get_by_role("button", name="Send my answer").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    found += violations(page)
    page.locator("label:has([name=satisfaction][value='2'])").click()
    found += violations(page)
    page.get_by_role("button", name="Send my answer").click()
    page.locator("#rate summary").click()
    found += violations(page)
    link = page.url
    for path in ("/en/cases/", "/en/cases/?sent=1"):
        page.goto(path)
        found += violations(page)
    page.locator("main .follow button").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    found += violations(page)
    site.manage(
        "shell",
        "-c",
        f"from tickets.models import Ticket; Ticket.objects.filter(reference='{number}').update(link_version=2)",
    )
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has ended")
    found += violations(page)
    log_in_by_code(page, site, email)
    expect(page.locator(".case-line")).to_contain_text(number)
    found += violations(page)
    assert found == []


def test_an_answer_that_was_begun_survives_a_reload_and_is_gone_once_it_is_sent(open_page, site):
    page = open_page("/en/")
    ask(page, "draft@example.com")
    box = page.locator("[data-reply] textarea")
    box.fill("Begun in the tram")
    expect(page.locator("[data-draft-status]")).to_have_text("Saved on this device")
    page.reload()
    expect(box).to_have_value("Begun in the tram")
    page.locator("[data-reply] button[type=submit]").click()
    expect(page.locator(".msg").last).to_contain_text("Begun in the tram")
    page.reload()
    expect(box).to_have_value("")


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_nothing_is_wider_than_the_screen(open_page, width):
    page = open_page("/da/", viewport={"width": width, "height": 800})
    ask(page, f"wide-{width}@example.com")
    page.get_by_role("button", name="It is solved, close the case").click()
    page.locator("label:has([name=satisfaction][value='1'])").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto("/da/cases/?sent=1")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
