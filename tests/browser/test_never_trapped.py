"""Never trapped: from every customer page and in every state a person is at most one click away, and whoever has
written can send.

A site of its own, because the tests close channels, break the database and put a limit on requests.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.site import CASE, Site, prepared_folder

pytestmark = pytest.mark.browser
LANGUAGES = ("en", "sv", "nb", "da")
JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
# Each language, and each way; where a page is made by the same template in all of them, not each with each.
IN_TURN = [("en", True), ("sv", False), ("nb", True), ("da", False)]
STORY = {
    "en": "I sent back a jacket two weeks ago but have not got my money. When does the refund come?",
    "sv": "Jag skickade tillbaka en jacka för två veckor sedan men har inte fått pengarna. När kommer återbetalningen?",
    "nb": "Jeg sendte tilbake en jakke for to uger siden, men har ikke fått pengene. Når kommer refusjonen?",
    "da": "Jeg sendte en jakke retur for to uger siden, men har ikke fået mine penge. Hvornår kommer refusionen?",
}
# Pages of one kind are made by one template: some of each are enough.
_FEW = 3
_KINDS = (re.compile(r"^/\w\w/articles/"), re.compile(r"^/\w\w/topics/"), re.compile(r"^/\w\w/search/"))
# Where a way to a person leads within the site: to a page that takes the message itself.
_TAKES_THE_MESSAGE = re.compile(r"^/\w\w/(contact|chat|call-back|phone)/")


@pytest.fixture(scope="module")
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(prepared_folder(tmp_path_factory, "never-trapped"))
    site.start()
    yield site
    site.stop()


@pytest.fixture
def visit(browser: Browser, own_site: Site) -> Iterator[Callable[..., Page]]:
    """`visit("/en/")`: a page of a new visitor."""
    contexts = []

    def visit_(path: str, *, javascript: bool = True, width: int = 360) -> Page:
        context = browser.new_context(
            base_url=own_site.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 740},
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(path)
        return page

    yield visit_
    for context in contexts:
        context.close()


def database(site: Site) -> sqlite3.Connection:
    connection = sqlite3.connect(site.folder / "svar.sqlite3", timeout=20, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


@contextmanager
def stored(site: Site, change: str, *tables: str) -> Iterator[None]:
    """Rows as an import or a shell may leave them, past every check of the admin; put back afterwards."""
    with closing(database(site)) as rows:
        for table in tables:
            rows.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")  # noqa: S608 (our own names)
        try:
            rows.executescript(change)
            yield
        finally:
            rows.execute("PRAGMA foreign_keys=OFF")
            for table in tables:
                rows.executescript(
                    f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}; DROP TABLE kept_{table};"  # noqa: S608
                )


def leads_to_a_person(page: Page, way: Locator) -> bool:
    """Whether one click on it rings, writes, or opens a page that takes the message."""
    if not way.is_visible() or not way.is_enabled():
        return False
    target = way.get_attribute("href") or ""
    if target.startswith(("tel:", "mailto:")):
        return len(target) > len("mailto:")
    if target == "#contact-form":
        return page.locator(target).count() == 1
    return bool(_TAKES_THE_MESSAGE.match(urlsplit(urljoin(page.url, target)).path))


def check_a_person_is_one_click_away(page: Page) -> set[str]:
    """The ways that the page offers; an error where there is none."""
    ways = page.locator("[data-escape-hatches] a[data-channel], [data-escape-hatches] button[data-channel]").all()
    good = [way for way in ways if leads_to_a_person(page, way)]
    assert good, f"nobody can be reached from {page.url}"
    return {str(way.get_attribute("data-channel")) for way in good}


def check_can_be_sent(page: Page) -> None:
    """The send button is there, at work, and nothing lies over it."""
    button = page.locator("#contact-form button[type=submit].big")
    expect(button).to_be_visible()
    expect(button).to_be_enabled()
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    if page.evaluate("true"):
        on_top = page.evaluate("at => document.elementFromPoint(at.x, at.y)?.closest('button')?.type", middle)
        assert on_top == "submit", f"something lies over the send button of {page.url}"


def check_contract(page: Page) -> None:
    """What every customer page has."""
    assert page.locator("h1").count() == 1, page.url
    assert page.locator("main").count() == 1, page.url
    assert page.locator("html").get_attribute("lang") in LANGUAGES, page.url
    assert page.locator("form[role=search] [name=q]").count() >= 1, page.url


def check_page(page: Page) -> set[str]:
    check_contract(page)
    ways = check_a_person_is_one_click_away(page)
    if page.locator("#contact-form").count():
        check_can_be_sent(page)
        others = page.locator("[data-escape-hatches] a[data-channel]:not([data-channel=form])")
        assert others.count() or ways == {"form"}, page.url
    return ways


def links(page: Page, own: str) -> list[str]:
    """The addresses of customer pages that the page links to."""
    found = []
    for link in page.locator("a[href]").evaluate_all("links => links.map(a => a.getAttribute('href'))"):
        target = urlsplit(urljoin(page.url, link))
        if target.netloc == own and target.path.lstrip("/").split("/")[0] in LANGUAGES:
            found.append(target.path + (f"?{target.query}" if target.query else ""))
    return found


@JAVASCRIPT
@pytest.mark.parametrize("language", LANGUAGES)
def test_from_every_page_a_person_is_one_click_away(visit, own_site, language, javascript):
    page = visit(f"/{language}/", javascript=javascript)
    own = urlsplit(own_site.url).netloc
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    waiting = [f"/{language}/", f"/{language}/nothing-here/", f"/{language}/search/?q=zzzz"]
    waiting += [f"/{language}/search/?q=retur&page=1000000000", f"/{language}/articles/nothing-here/"]
    waiting += [f"/{language}/{name}/" for name in ("chat", "call-back", "phone", "contact/thanks", "cases")]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        kind = next((kind for kind in _KINDS if kind.match(path)), None)
        if path in seen or not path.startswith(f"/{language}/"):
            continue
        if kind and sum(bool(kind.match(one)) for one in seen) >= _FEW:
            continue
        seen.add(path)
        response = page.goto(path)
        assert response is not None
        assert response.status < 500, path
        check_page(page)
        waiting += links(page, own)
    assert len(seen) >= 15
    assert asked == {own}, "something came from elsewhere"


# What stands in the tables is not what the guard lets anybody save: it came by an import, or a shell.
_ALL_CLOSED = """
DELETE FROM tickets_channelpolicy;
INSERT INTO tickets_channelpolicy (channel_id, prominence, place, sentences)
    SELECT id, 'closed', 'every_page', '{{}}' FROM tickets_channel WHERE kind NOT IN ({kept});
"""


@JAVASCRIPT
@pytest.mark.parametrize("kept", ["form", "email", "phone", "chat", "callback", ""])
def test_with_all_channels_closed_but_one(visit, own_site, kept, javascript):
    closed = _ALL_CLOSED.format(kept=f"'{kept}'")
    with stored(own_site, closed, "tickets_channelpolicy"):
        for language in LANGUAGES:
            page = visit(f"/{language}/", javascript=javascript)
            for path in ("", "contact/", "channels/", "chat/"):
                page.goto(f"/{language}/{path}")
                ways = check_page(page)
                # A channel that only rings takes no message: the form stands beside it, or is the page itself.
                assert ways & {"form", "email"} or page.locator("#contact-form").count(), page.url
            page.context.close()


@pytest.mark.parametrize(("language", "width"), [("en", 360), ("sv", 1440), ("nb", 1440), ("da", 360)])
def test_with_suggestions_open(visit, language, width):
    page = visit(f"/{language}/contact/", width=width)
    page.locator("textarea[name=message]").press_sequentially(STORY[language])
    suggestion = page.locator("[data-suggestions] a[data-article-id]").first
    expect(suggestion).to_be_visible()
    check_page(page)
    suggestion.click()
    expect(page.locator("[data-suggestion-panel]")).to_be_visible()
    check_page(page)
    page.locator("input[name=email]").fill(f"trapped-{language}-{width}@example.com")
    page.locator("#contact-form button[type=submit].big").click()
    page.wait_for_url(CASE)
    check_page(page)


@pytest.mark.parametrize(("language", "javascript"), IN_TURN)
def test_with_what_cannot_be_taken(visit, language, javascript):
    page = visit(f"/{language}/contact/", javascript=javascript)
    page.locator("textarea[name=message]").fill(STORY[language])
    page.locator("input[name=email]").fill("wrong@")
    page.locator("#contact-form button[type=submit].big").click()
    page.wait_for_load_state()
    check_page(page)
    expect(page.locator("textarea[name=message]")).to_have_value(STORY[language])


@JAVASCRIPT
def test_when_nobody_answers_the_chat(visit, own_site, javascript):
    # Nobody is at the desk of this site, and the promise is short.
    soon = "UPDATE tickets_channel SET promised_seconds = 1 WHERE kind = 'chat';"
    with stored(own_site, soon, "tickets_channel"):
        page = visit("/sv/chat/", javascript=javascript)
        page.locator("main form [name=message]").fill(STORY["sv"])
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(re.compile("/sv/chat/[0-9a-f-]{36}/"))
        check_page(page)
        main = page.locator("main")
        for _ in range(40):
            if "Ingen kunde svara i tid" in main.inner_text():
                break
            page.wait_for_timeout(500)
            if not javascript:
                page.reload()
        expect(main).to_contain_text("Ingen kunde svara i tid")
        check_page(page)
        # The window takes on what is written: nobody starts anew.
        main.locator("textarea").last.fill("Jag skriver lite till medan jag väntar.")
        main.get_by_role("button", name="Skicka", exact=True).click()
        expect(main).to_contain_text("Jag skriver lite till medan jag väntar.")
        check_page(page)


@JAVASCRIPT
def test_when_the_session_is_over(visit, own_site, javascript):
    page = visit("/da/contact/", javascript=javascript)
    page.locator("textarea[name=message]").fill(STORY["da"])
    with closing(database(own_site)) as rows:
        rows.execute("DELETE FROM django_session")
    page.context.clear_cookies()
    page.locator("input[name=email]").fill("session-over@example.com")
    page.locator("#contact-form button[type=submit].big").click()
    page.wait_for_url(CASE)
    check_page(page)


@pytest.mark.parametrize(("language", "javascript"), IN_TURN)
def test_on_the_page_for_a_form_without_its_token(visit, language, javascript):
    page = visit(f"/language/{language}/?next=/{language}/", javascript=javascript)
    page.goto("/accounts/login/")
    page.context.clear_cookies(name="csrftoken")
    page.locator("main input[name=login]").fill("agent@demo.example")
    page.locator("main input[type=password]").fill("demo-agent")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    assert page.locator("main h1").count() == 1
    check_page(page)


def test_when_somebody_asks_too_often(visit, own_site):
    page = visit("/nb/contact/")
    own_site.restart(RATELIMIT="1")
    try:
        page.locator("textarea[name=message]").fill(STORY["nb"])
        page.evaluate(
            """async () => { for (let i = 0; i < 70; i++)
            await fetch("/nb/contact/answered/", {method: "POST", body: new URLSearchParams({article: "1"})}); }"""
        )
        response = page.goto("/nb/contact/answered/")
        for _ in range(80):
            response = page.request.post("/nb/contact/", form={"message": "x"})
            if response.status == 429:
                break
        assert response is not None
        assert response.status == 429
        page.set_content(response.text())
        # The page stands at no address of the site now; what it offers is looked at by its links.
        assert page.locator("[data-escape-hatches] a[data-channel]").count() >= 1
    finally:
        own_site.restart(RATELIMIT="0")


def test_when_the_database_is_broken(visit, own_site):
    page = visit("/sv/")
    broken = "ALTER TABLE knowledge_topic RENAME TO knowledge_topic_gone;"
    mended = "ALTER TABLE knowledge_topic_gone RENAME TO knowledge_topic;"
    with closing(database(own_site)) as rows:
        rows.execute("PRAGMA legacy_alter_table=ON")
        rows.executescript(broken)
        try:
            for path in ("/sv/", "/sv/contact/", "/sv/channels/", "/sv/search/?q=retur"):
                response = page.goto(path)
                assert response is not None
                if response.status >= 500:
                    # The form may be broken too, so something else than the form has to be there.
                    assert check_a_person_is_one_click_away(page) - {"form", "chat", "callback"}, path
        finally:
            rows.executescript(mended)
