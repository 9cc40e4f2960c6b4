"""Browser tests: real Chromium, over the real server, with the real worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.site import Site, prepared_folder
from tests.environment import chromium

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Package scope: Playwright's loop runs in this thread as long as it lives, and other tests use the database there.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running Svar with the demo content. Tests share it, so each asks with an address of its own."""
    site = Site(prepared_folder(tmp_path_factory, "site"))
    site.start()
    yield site
    site.stop()


# A machine that does everything at once may keep anybody waiting; what never comes, never comes.
expect.set_options(timeout=15_000)


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """`open_page("/en/")`: a page of a new visitor. Any error in a page's script or policy fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(path: str = "/en/", **options: object) -> Page:
        context = browser.new_context(base_url=site.url, locale="en-GB", **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if message.type == "error" and "Content Security Policy" in message.text
                else None
            ),
        )
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def log_in(open_page: Callable[..., Page]) -> Callable[[str], Page]:
    """`log_in("agent")`: a page of one of the demo accounts, where their work begins."""

    def log_in_(role: str) -> Page:
        page = open_page("/accounts/login/")
        page.locator("main input[name=login]").fill(f"{role}@demo.example")
        page.locator("main input[type=password]").fill(f"demo-{role}")
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    return log_in_
