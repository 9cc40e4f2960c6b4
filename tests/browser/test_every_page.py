"""Every customer page in every language: accessible, small, no wider than the screen."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.site import CASE

pytestmark = pytest.mark.browser
LANGUAGES = ("en", "sv", "nb", "da")
STORY = {
    "en": "I sent back a jacket two weeks ago but have not got my money. When does the refund come?",
    "sv": "Jag skickade tillbaka en jacka för två veckor sedan men har inte fått pengarna. När kommer återbetalningen?",
    "nb": "Jeg sendte tilbake en jakke for to uker siden, men har ikke fått pengene. Når kommer refusjonen?",
    "da": "Jeg sendte en jakke retur for to uger siden, men har ikke fået mine penge. Hvornår kommer refusionen?",
}
AXE_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=AXE_RULES).response["violations"]
    return [f"{page.url} {one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found]


def send_case(page: Page, language: str) -> None:
    page.goto(f"/{language}/contact/")
    page.locator("textarea[name=message]").fill(STORY[language])
    page.locator("input[name=email]").fill(f"axe-{language}@example.com")
    page.locator("#contact-form .btn.big").click()
    page.wait_for_url(CASE)


# Colours are the same in every language, and words in either scheme.
@pytest.mark.parametrize(("language", "scheme"), [("en", "dark"), ("sv", "light"), ("nb", "dark"), ("da", "light")])
def test_axe_finds_nothing(open_page, language, scheme):
    # Without motion, so that nothing is looked at halfway through a fade.
    page = open_page(f"/{language}/", color_scheme=scheme, reduced_motion="reduce")
    found = violations(page)
    article = page.locator("main a[href*='/articles/']").first.get_attribute("href")
    topic = page.locator("main a[href*='/topics/']").first.get_attribute("href")
    for path in (
        topic,
        article,
        f"/{language}/search/?q=retur",
        f"/{language}/search/?q=zzzz",
        f"/{language}/search/",
        f"/{language}/contact/",
        f"/{language}/contact/thanks/",
        f"/{language}/channels/",
        f"/{language}/chat/",
        f"/{language}/call-back/",
        f"/{language}/status/",
        f"/{language}/cases/",
        f"/{language}/cases/?sent=1",
        f"/{language}/nothing-here/",
        f"/{language}/articles/nothing-here/",
    ):
        page.goto(path)
        found += violations(page)
    page.goto(f"/{language}/contact/")
    page.locator("textarea[name=message]").press_sequentially(STORY[language])
    suggestion = page.locator("[data-suggestions] a[data-article-id]").first
    expect(suggestion).to_be_visible()
    found += violations(page)
    suggestion.click()
    expect(page.locator("[data-suggestion-panel]")).to_be_visible()
    found += violations(page)
    page.goto(f"/{language}/contact/")
    page.locator("input[name=email]").fill("wrong@")
    page.locator("#contact-form .btn.big").click()
    page.wait_for_load_state()
    found += violations(page)
    send_case(page, language)
    found += violations(page)
    assert found == []


def test_login_pages_are_accessible(open_page):
    page = open_page("/accounts/login/")
    found = violations(page)
    for path in ("/accounts/login/code/", "/accounts/password/reset/"):
        page.goto(path)
        found += violations(page)
    assert found == []


def test_the_first_visit_is_small(open_page, browser, site):
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto("/sv/contact/", wait_until="networkidle")
    context.close()
    # The embedded server does not compress; in production WhiteNoise does, which makes it about a third of this.
    assert 0 < sum(sizes) < 250_000


def test_switching_language_keeps_the_page(open_page):
    page = open_page("/en/")
    page.goto("/en/articles/when-do-i-get-my-refund/")
    page.goto(
        "/language/sv/?next="
        + page.locator("link[hreflang=sv]").get_attribute("href").split("127.0.0.1")[-1].lstrip(":0123456789")
    )
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    assert "/sv/articles/" in page.url
    page.goto("/")
    page.wait_for_url("**/sv/")


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_nothing_is_wider_than_the_screen(open_page, width):
    page = open_page("/da/", viewport={"width": width, "height": 800})
    article = page.locator("main a[href*='/articles/']").first.get_attribute("href")
    for path in ("/da/", article, "/da/contact/", "/sv/channels/", "/nb/search/?q=retur", "/da/nothing/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} at {width}"
