"""A customer and an agent in two real browsers: nothing is lost or doubled, and a chat goes to a colleague whole."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_every_page import violations

pytestmark = pytest.mark.browser
ALWAYS_OPEN = """
from tickets.models import AgentAvailability, Channel, ChannelPolicy, Chat
from tickets.services import chats
Channel.objects.filter(kind="chat").update(calendar=None)
ChannelPolicy.objects.filter(channel__kind="chat").update(prominence="listed")
# Other tests' agents are not there, and their customers have left.
AgentAvailability.objects.update(state="away")
for chat in Chat.objects.going_on():
    chats.end(chat, "system")
"""


def say_available(page):
    page.locator(".availability > summary").click()
    page.get_by_role("button", name="Available").click()
    expect(page.locator(".availability > summary")).to_contain_text("Available")


def begin(open_page, words):
    page = open_page("/en/chat/", reduced_motion="reduce")
    page.locator("textarea[name=message]").fill(words)
    page.get_by_label(re.compile("Your name|Name")).first.fill("Cleo Lind")
    page.get_by_role("button", name="Begin the chat").click()
    expect(page.get_by_role("log")).to_contain_text(words)
    return page


def write(page, words):
    # Before the page's script is there the key only begins a new line, as in any form.
    page.locator("[role=log][aria-live=polite]").wait_for()
    page.get_by_role("textbox", name=re.compile("Your message|Answer in English")).fill(words)
    page.keyboard.press("Enter")


def said(page):
    """What was said, in order; what is still on its way is not."""
    return page.locator(".chat-line:not(.is-unsent) .chat-bubble").all_inner_texts()


def both_have(pages, words):
    for page in pages:
        expect(page.locator(".chat-line:not(.is-unsent) .chat-bubble")).to_have_text(words)


def test_both_reload_and_lose_the_network_and_nothing_is_lost_or_doubled(open_page, log_in, site):
    site.manage("shell", "--verbosity", "0", "-c", ALWAYS_OPEN)
    agent = log_in("agent")
    # Without motion, so that nothing is looked at halfway through a fade.
    agent.emulate_media(reduced_motion="reduce")
    say_available(agent)
    # Where a part of the page is drawn again, too, the title keeps its number.
    agent.goto("/desk/chats/")
    customer = begin(open_page, "Where is my parcel?")
    expect(agent.locator(".chat-card")).to_contain_text("Where is my parcel?")
    offer = agent.locator(".chat-offer")
    expect(offer).to_contain_text("Where is my parcel?")
    expect(agent).to_have_title(re.compile(r"^\(1\) "))
    assert violations(agent) == []
    offer.get_by_role("button", name="Take it").click()
    expect(agent.locator("[data-standing]")).to_have_text("You have this chat.")
    expect(customer.get_by_role("log")).to_contain_text("Astrid is here.")

    write(agent, "Hi Cleo, I will look.")
    expect(customer.locator(".chat-bubble").last).to_have_text("Hi Cleo, I will look.")
    write(customer, "Thank you!")
    told = ["Where is my parcel?", "Hi Cleo, I will look.", "Thank you!"]
    both_have([agent, customer], told)
    assert violations(agent) == []

    # The agent's network goes; what each writes meanwhile arrives afterwards, once.
    agent.context.set_offline(True)
    write(agent, "It is at the depot.")
    expect(agent.locator(".is-unsent")).to_contain_text("It is at the depot.")
    write(customer, "Take your time.")
    expect(customer.locator(".chat-bubble").last).to_have_text("Take your time.")
    agent.context.set_offline(False)
    told += ["Take your time.", "It is at the depot."]
    both_have([agent, customer], told)

    customer.context.set_offline(True)
    write(customer, "I am in a tunnel.")
    expect(customer.locator(".is-unsent")).to_contain_text("I am in a tunnel.")
    customer.context.set_offline(False)
    customer.reload()
    agent.reload()
    told.append("I am in a tunnel.")
    both_have([agent, customer], told)

    # Solved in two keystrokes, as a case: here nothing was probable, so the first Enter only chooses.
    agent.locator("[data-standing]").click()
    agent.keyboard.press("s")
    expect(agent.locator("[data-solving] [name=article]").first).to_be_focused()
    agent.locator("[data-solving] [name=article][value=none]").check()
    agent.keyboard.press("Enter")
    expect(agent.get_by_text("The case is solved, and the customer is told.")).to_be_visible()
    expect(customer.get_by_role("log")).to_contain_text("Astrid ended the chat.")


def test_a_chat_goes_to_a_colleague_with_everything(open_page, log_in, site):
    site.manage("shell", "--verbosity", "0", "-c", ALWAYS_OPEN)
    agent = log_in("agent")
    say_available(agent)
    customer = begin(open_page, "My invoice is wrong.")
    agent.locator(".chat-offer").get_by_role("button", name="Take it").click()
    write(agent, "I ask a colleague.")
    expect(customer.get_by_role("log")).to_contain_text("I ask a colleague.")

    # Whoever is quicker than the list of macros gets the one that they wrote.
    agent.locator("[data-standing]").click()
    agent.keyboard.press("m")
    expect(agent.locator("#macro-results .pick").first).to_contain_text("order number")
    agent.keyboard.type("thanks for waiting")
    agent.keyboard.press("Enter")
    expect(agent.locator("#id_body")).to_have_value(re.compile("still working on this"))
    agent.locator("#id_body").fill("")
    expect(agent.locator("[data-say] [name=macros]")).to_have_count(0)

    manager = log_in("manager")
    manager.goto("/desk/")
    say_available(manager)
    agent.reload()
    agent.locator("summary", has_text="Hand over").click()
    maria = agent.locator("#id_to option", has_text="Maria Krogh").get_attribute("value")
    agent.get_by_label("Who goes on?").select_option(maria)
    agent.get_by_label("What they should know").fill("Invoice 4711, paid twice.")
    agent.locator("form", has_text="What they should know").get_by_role("button", name="Hand over").click()
    expect(agent.get_by_text("Maria Krogh has the chat now")).to_be_visible()
    expect(customer.get_by_role("log")).to_contain_text("Maria goes on, and has read everything.")

    given = manager.locator(".chat-offer")
    expect(given).to_contain_text("Astrid Lund gives you the chat")
    given.get_by_role("link", name="Open the chat").click()
    log = manager.get_by_role("log")
    for words in ("My invoice is wrong.", "I ask a colleague.", "Invoice 4711, paid twice."):
        expect(log).to_contain_text(words)
    write(manager, "I have seen it, and pay it back.")
    expect(customer.get_by_role("log")).to_contain_text("I have seen it, and pay it back.")
    assert "4711" not in customer.get_by_role("log").inner_text()
    assert violations(manager) == []
