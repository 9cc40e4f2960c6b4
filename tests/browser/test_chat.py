"""A customer's chat in a real browser; the agent is played by the services, as from another process."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_every_page import violations

pytestmark = pytest.mark.browser

AGENT = """
from datetime import timedelta
from django.utils import timezone
from helpcenter.accounts.models import User
from tickets.models import AgentAvailability, Chat
from tickets.services import chats
agent = User.objects.get(email="agent@demo.example")
"""
AT_THE_DESK = """
later = timezone.now() + timedelta(hours=1)
AgentAvailability.objects.update_or_create(user=agent, defaults={"state": "available", "seen_at": later})
"""
ANSWERS = """
chat = chats.accept(Chat.objects.get(pk="%s"), agent)
chats.say(chat, side="agent", body="It leaves the depot tonight.", client_key="agent-0001", author=agent)
"""
LETTER = {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"Dear!"}
NO_FILES_KEPT = """() => new Promise((done) => {
  const base = indexedDB.open("svar-chat");
  base.onsuccess = () => {
    const count = base.result.transaction("files").objectStore("files").count();
    count.onsuccess = () => done(count.result === 0);
  };
})"""
ENDS = 'chats.end(Chat.objects.get(pk="%s"), "agent", agent=agent)'


def play(site, what: str) -> None:
    site.manage("shell", "--verbosity", "0", "-c", AGENT + what)


def test_a_chat_from_the_first_word_to_the_last(open_page, site):
    play(site, AT_THE_DESK)
    page = open_page("/en/chat/", reduced_motion="reduce")
    page.locator("textarea[name=message]").fill("Where is my parcel?")
    page.get_by_role("button", name=re.compile("Begin the chat|Send")).click()
    box = page.get_by_role("textbox", name="Your message")
    expect(box).to_be_focused()
    log = page.get_by_role("log")
    expect(log).to_contain_text("Where is my parcel?")
    expect(log).to_have_attribute("aria-live", "polite")
    chat = re.search(r"/chat/([0-9a-f-]{36})/", page.url)[1]

    # Enter sends, Shift + Enter does not, and the focus stays.
    page.keyboard.type("It was sent")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("a week ago.")
    page.keyboard.press("Enter")
    expect(log.locator(".chat-line:not(.is-unsent)").nth(1)).to_contain_text("a week ago.")
    expect(box).to_be_focused()
    expect(box).to_have_value("")

    # The agent answers from another process, while the page is not looked at: the title says so.
    page.evaluate("Object.defineProperty(document, 'visibilityState', {get: () => window.seen ?? 'hidden'})")
    play(site, ANSWERS % chat)
    expect(log).to_contain_text("It leaves the depot tonight.")
    expect(page).to_have_title(re.compile(r"^\(1 new\)"))
    page.evaluate("window.seen = 'visible'; dispatchEvent(new Event('focus'))")
    expect(page).to_have_title(re.compile("^Chat"))
    assert violations(page) == []

    # Written without a network, kept over a reload, there once.
    page.context.set_offline(True)
    page.keyboard.type("I am in a tunnel.")
    page.keyboard.press("Enter")
    expect(log.locator(".is-unsent")).to_contain_text("I am in a tunnel.")
    expect(page.get_by_text("No connection. What you write is kept")).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    expect(log.locator(".chat-line:not(.is-unsent)").last).to_contain_text("I am in a tunnel.")
    expect(log.locator(".is-unsent")).to_have_count(0)
    expect(log.get_by_text("I am in a tunnel.")).to_have_count(1)

    # What is refused waits for its writer, over a reload too, and goes when it is thrown away.
    box.fill("x" * 20_001)
    box.press("Enter")
    expect(log.locator(".is-refused")).to_contain_text("the limit is 20000")
    page.reload()
    expect(log.locator(".is-refused")).to_contain_text("the limit is 20000")
    log.get_by_role("button", name="Remove").click()
    page.reload()
    expect(log.locator(".chat-line:not(.is-unsent)").last).to_contain_text("I am in a tunnel.")
    expect(log.locator(".is-refused")).to_have_count(0)

    # The answer to a file got lost on its way back: the page has kept it, sends it again, and it is there once.
    page.route("**/messages/", lambda route: (route.fetch(), route.abort()))
    page.locator("input[type=file]").set_input_files(LETTER)
    expect(page.get_by_text("letter.txt was not sent.")).to_be_visible()
    page.unroute("**/messages/")
    page.reload()
    expect(log.get_by_role("link", name="letter.txt (5 bytes)")).to_have_count(1)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.wait_for_function(NO_FILES_KEPT)

    play(site, ENDS % chat)
    page.get_by_role("button", name="Yes, it was").click()
    expect(page.get_by_text("Your case is closed")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name=re.compile("Your case SV-")).click()
    expect(page.locator("main")).to_contain_text("It leaves the depot tonight.")

    # What began a chat begins no second one.
    page.goto("/en/chat/")
    expect(page.locator("textarea[name=message]")).to_have_value("")


def test_the_same_room_without_javascript(open_page, site):
    play(site, AT_THE_DESK)
    page = open_page("/en/chat/", java_script_enabled=False)
    page.locator("textarea[name=message]").fill("Where is my parcel?")
    page.get_by_role("button", name=re.compile("Begin the chat|Send")).click()
    page.get_by_role("textbox", name="Your message").fill("It was sent a week ago.")
    page.get_by_role("button", name="Send", exact=True).click()
    play(site, ANSWERS % re.search(r"/chat/([0-9a-f-]{36})/", page.url)[1])
    page.get_by_role("link", name="Look for new messages").click()
    said = page.locator(".chat-line .plain").all_inner_texts()
    assert said == ["Where is my parcel?", "It was sent a week ago.", "It leaves the depot tonight."]
    expect(page.locator("[data-escape-hatches] [data-channel]").first).to_be_visible()
