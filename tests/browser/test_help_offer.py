"""Help in context: where it stands, that it lies over nothing, and that it goes and stays away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.site import Site

pytestmark = pytest.mark.browser
_ON = """
from deflection.models import HelpInContext, HelpRule
one = HelpInContext.objects.get()
one.rules.update(is_active=False)
HelpRule.objects.create(help=one, is_active=True, page="search", trigger="second_search", offer="form")
HelpRule.objects.create(help=one, is_active=True, page="article", trigger="not_quite", offer="form")
"""
_OFF = "from deflection.models import HelpRule; HelpRule.objects.update(is_active=False)"
# The texts of the page that share a place on the screen with the offer.
_LIES_OVER = """() => {
  const place = document.querySelector(".help-place"), over = place.getBoundingClientRect(), hit = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; (text = texts.nextNode()); ) {
    if (!text.data.trim() || place.contains(text) || !text.parentElement.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects())
      if (box.left < over.right && box.right > over.left && box.top < over.bottom && box.bottom > over.top)
        hit.push(text.data);
  }
  return hit;
}"""


@pytest.fixture(scope="module")
def help_is_on(site: Site) -> Iterator[None]:
    site.manage("shell", "-c", _ON)
    yield
    site.manage("shell", "-c", _OFF)


# Rules are kept for ten seconds by the process that serves pages.
def go_until_told(page, path: str) -> None:
    for _ in range(30):
        page.goto(path)
        if page.locator("script[data-help-rules]").count():
            return
        page.wait_for_timeout(500)
    raise AssertionError("no rules")


@pytest.mark.parametrize(
    ("width", "place"), [(360, "is-in-flow"), (768, "is-in-flow"), (1440, "is-in-side"), (1920, "is-in-margin")]
)
def test_it_lies_over_no_text(open_page, site, help_is_on, width, place):
    page = open_page("/en/", viewport={"width": width, "height": 800})
    page.goto("/en/search/?q=refund")
    page.locator("main a[href*='/articles/']").first.click()
    page.wait_for_url("**/articles/**")
    go_until_told(page, page.url)
    assert page.locator(".help-place").count() == 0
    page.get_by_role("button", name="Not quite").click()
    offer = page.locator(".help-offer")
    expect(offer).to_be_visible()
    assert place in str(page.locator(".help-place").get_attribute("class"))
    for share in (0, 0.25, 0.5, 0.75, 1):
        page.evaluate("share => scrollTo(0, document.documentElement.scrollHeight * share)", share)
        assert page.evaluate(_LIES_OVER) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator("[data-escape-hatches] a[data-channel]").first).to_be_visible()


def test_at_a_second_search_in_vain_and_dismissed_for_good(open_page, site, help_is_on):
    page = open_page("/en/")
    go_until_told(page, "/en/search/?q=refund")
    page.wait_for_timeout(300)
    assert page.locator(".help-offer").count() == 0
    page.goto("/en/search/?q=money back")
    offer = page.locator(".help-offer")
    expect(offer.get_by_role("link")).to_have_attribute("href", "/en/contact/")
    offer.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(offer).to_have_count(0)
    expect(page.locator("main")).to_be_focused()
    page.goto("/en/search/?q=jacket")
    page.wait_for_load_state("networkidle")
    assert page.locator(".help-offer").count() == 0
