"""The desk in a browser: a draft that follows the agent, undo, two agents in one case, keys, macros, files."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import CASE, Site
from tests.browser.test_every_page import violations
from tests.processes import until

pytestmark = pytest.mark.browser


@pytest.fixture
def new_case(open_page, site) -> Callable[[str, str], str]:
    """`new_case("My parcel is lost", "a@example.com")`: the reference of a case that a customer has just opened."""

    def new_case_(message: str, email: str) -> str:
        page = open_page("/en/contact/")
        page.locator("textarea[name=message]").fill(message)
        page.locator("input[name=email]").fill(email)
        page.locator("#contact-form button[type=submit].btn").last.click()
        page.wait_for_url(CASE)
        found = re.search(r"SV-\d+", page.url)
        assert found is not None
        return found[0]

    return new_case_


def at_case(page: Page, reference: str) -> Page:
    page.goto(f"/desk/{reference}/")
    expect(page.locator("#composer")).to_be_visible()
    return page


def type_answer(page: Page, words: str) -> None:
    page.keyboard.press("r")
    expect(page.locator("#id_body")).to_be_focused()
    page.keyboard.type(words)


def test_a_draft_is_found_on_another_machine(log_in, new_case):
    reference = new_case("The lamp that I bought flickers.", "draft@example.com")
    here, there = at_case(log_in("agent"), reference), log_in("agent")
    type_answer(here, "Does it also flicker in another room?")
    expect(here.locator("#reply-form [data-draft-status]")).to_contain_text("Saved")
    at_case(there, reference)
    expect(there.locator("#id_body")).to_have_value("Does it also flicker in another room?")
    there.get_by_role("button", name="Throw it away").click()
    expect(there.locator("#id_body")).to_have_value("")


def test_an_answer_taken_back_never_reaches_the_customer_and_one_left_alone_does(log_in, new_case, site: Site):
    reference = new_case("My kettle does not boil.", "undo@example.com")
    page = at_case(log_in("agent"), reference)
    type_answer(page, "Wrong words")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-undo]")).to_be_visible()
    expect(page.locator(".msg.held")).to_contain_text("Wrong words")
    page.keyboard.press("z")
    expect(page.locator("#id_body")).to_have_value("Wrong words")
    expect(page.locator("[data-undo]")).to_have_count(0)
    page.locator("#id_body").fill("Right words")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-undo]")).to_be_visible()
    until(lambda: _said(site, "undo@example.com", "Right words"), seconds=60, what="the letter")
    assert not _said(site, "undo@example.com", "Wrong words")


def _said(site: Site, address: str, words: str) -> bool:
    return any(words in letter.as_string() for letter in site.letters_to(address))


def test_two_agents_see_each_other_and_the_customer(log_in, new_case, open_page):
    reference = new_case("My chair has three legs.", "chair@example.com")
    ada, max_ = at_case(log_in("agent"), reference), at_case(log_in("admin"), reference)
    expect(max_.locator("[data-present]")).to_contain_text("is here too")
    type_answer(ada, "Which leg")
    expect(max_.locator("[data-present]")).to_contain_text("is writing", timeout=25_000)


def test_the_keys(log_in, new_case):
    reference = new_case("I want to send back my rug.", "keys@example.com")
    page = at_case(log_in("agent"), reference)
    page.keyboard.press("?")
    dialog = page.locator("#keys")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Solve it")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    type_answer(page, "s n m ? are letters here")
    expect(page.locator("#id_body")).to_have_value("s n m ? are letters here")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator("#id_note")).to_be_focused()
    expect(page.locator("#id_body")).to_be_hidden()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.locator("[data-keys-toggle]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator("#id_body")).to_be_hidden()
    page.keyboard.press("?")
    page.locator("[data-keys-toggle]").check()
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    page.wait_for_url(lambda url: "/desk/?" in url)


def test_two_keys_solve_a_case(log_in, new_case, site: Site):
    reference = new_case("When do I get my refund for the jacket that I returned?", "two-keys@example.com")
    site.manage(
        "shell",
        "-c",
        textwrap.dedent(f"""
            from knowledge.models import Article
            from tickets.models import Ticket, TicketSuggestion
            ticket = Ticket.objects.get(reference="{reference}")
            ticket.suggestions.all().delete()
            article = Article.objects.published().first()
            TicketSuggestion.objects.create(ticket=ticket, article=article, probability=0.9)
        """),
    )
    page = at_case(log_in("agent"), reference)
    page.keyboard.press("s")
    expect(page.locator("#solving")).to_be_visible()
    expect(page.locator("#solving [name=article]:checked")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".head-actions [data-status=solved]")).to_be_visible()
    expect(page.locator("[data-undo]")).to_contain_text("The customer has not been told yet.")


def test_two_keys_solve_a_case_with_the_suggested_cause_and_kind(log_in, new_case, site: Site):
    reference = new_case("When do I get my refund for the boots that I returned?", "both-keys@example.com")
    guessed = textwrap.dedent(f"""
        from knowledge.models import Article
        from tickets.models import RootCause, Ticket, TicketSuggestion
        ticket = Ticket.objects.get(reference={reference!r})
        ticket.suggestions.all().delete()
        TicketSuggestion.objects.create(ticket=ticket, article=Article.objects.published().first(), probability=0.9)
        cause = RootCause.objects.get(key="refund-slow")
        Ticket.objects.filter(pk=ticket.pk).update(root_cause_guess=cause, demand_guess="progress")
    """)
    site.manage("shell", "-c", guessed)
    page = at_case(log_in("agent"), reference)
    expect(page.locator("#id_root_cause")).to_have_value("")
    page.keyboard.press("d")
    expect(page.locator("#solving [name=article]:checked")).to_be_focused()
    expect(page.locator("#solving [name=demand_type]:checked")).to_have_value("progress")
    page.keyboard.press("Enter")
    expect(page.locator(".head-actions [data-status=solved]")).to_be_visible()
    expect(page.locator(".cause summary")).to_contain_text("Asks what is happening")
    expect(page.locator(".cause summary")).to_contain_text("Refunds take longer")


def test_with_no_probable_article_enter_chooses_before_it_solves(log_in, new_case, site: Site):
    reference = new_case("Do you repair umbrellas?", "umbrella@example.com")
    improbable = textwrap.dedent(f"""
        from knowledge.models import Article
        from tickets.models import Ticket, TicketSuggestion
        ticket = Ticket.objects.get(reference={reference!r})
        ticket.suggestions.all().delete()
        TicketSuggestion.objects.create(ticket=ticket, article=Article.objects.published().first(), probability=0.2)
    """)
    site.manage("shell", "-c", improbable)
    page = at_case(log_in("agent"), reference)
    page.keyboard.press("s")
    expect(page.locator("#solving [name=article]").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#solving [name=article]").first).to_be_checked()
    expect(page.locator(".head-actions [data-status=solved]")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".head-actions [data-status=solved]")).to_be_visible()


def test_a_macro_by_its_name_and_a_colleague_by_an_at(log_in, new_case, site: Site):
    reference = new_case("Where is my parcel?", "macro@example.com")
    site.manage(
        "shell",
        "-c",
        "from tickets.models import Macro, MacroText; macro = Macro.objects.create(name='Zebra trace'); "
        "MacroText.objects.create(macro=macro, language='en', body='We trace {{ case.reference }}.')",
    )
    page = at_case(log_in("agent"), reference)
    page.keyboard.press("m")
    expect(page.locator("#id_macro_words")).to_be_focused()
    page.keyboard.type("zebra")
    expect(page.locator("#macro-results .pick")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#id_body")).to_have_value(f"We trace {reference}.")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("@mar")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#id_note")).to_have_value(re.compile(r"^@Mar\w+ \w+ $"))


def test_files_arrive_in_the_letter(log_in, new_case, site: Site):
    reference = new_case("How do I mount the shelf?", "files@example.com")
    page = at_case(log_in("agent"), reference)
    file = {"name": "Bruksanvisning å.txt", "mimeType": "text/plain", "buffer": b"Turn the screw."}
    page.set_input_files("#id_files", [file])
    expect(page.locator("#waiting-files")).to_contain_text("Bruksanvisning å.txt")
    page.reload()
    expect(page.locator("#waiting-files")).to_contain_text("Bruksanvisning å.txt")
    type_answer(page, "See the file.")
    page.keyboard.press("Control+Enter")

    def has_file() -> bool:
        letters = site.letters_to("files@example.com")
        return any(part.get_filename() == file["name"] for letter in letters for part in letter.iter_attachments())

    until(has_file, seconds=60, what="the letter with its file")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_of_a_case_is_accessible(log_in, open_page, new_case, scheme):
    reference = new_case("Is this lamp for outdoors?", f"axe-desk-{scheme}@example.com")
    agent = log_in("agent")
    state = agent.context.storage_state()
    page = open_page("/desk/", storage_state=state, color_scheme=scheme, reduced_motion="reduce")
    found = []
    for keys in ("", "n", "m", "a", "s", "?"):
        at_case(page, reference)
        if keys:
            page.keyboard.press(keys)
        if keys in ("m", "a"):
            expect(page.locator("details[data-picker][open] .picks li").first).to_be_visible()
        found += violations(page)
    at_case(page, reference)
    type_answer(page, "Yes, it is.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-undo]")).to_be_visible()
    found += violations(page)
    assert found == []


def test_without_scripts(log_in, open_page, new_case):
    reference = new_case("Does the sofa come in blue?", "no-script@example.com")
    state = log_in("agent").context.storage_state()
    page = open_page(f"/desk/{reference}/", storage_state=state, java_script_enabled=False)
    page.get_by_text("Internal note").first.click()
    expect(page.locator("#id_note")).to_be_visible()
    expect(page.locator("#id_body")).to_be_hidden()
    page.locator(".mode").first.click()
    page.locator("#id_body").fill("Only in green.")
    page.locator("#reply-form [data-send]").click()
    page.locator(".undo-bar button").click()
    expect(page.locator("#id_body")).to_have_value("Only in green.")
    expect(page.locator(".undo-bar")).to_have_count(0)
    page.locator("#id_body").fill("Only in green, sorry.")
    page.locator("#reply-form [data-send]").click()
    expect(page.locator(".msg.us")).to_contain_text("Only in green, sorry.")


def test_what_the_server_could_not_be_told_is_kept_by_the_browser(log_in, new_case):
    reference = new_case("My clock goes backwards.", "offline@example.com")
    page = at_case(log_in("agent"), reference)
    page.route("**/draft/", lambda route: route.abort())
    type_answer(page, "Has it a new battery?")
    expect(page.locator("#reply-form [data-draft-status]")).to_have_text("Not saved on the server yet")
    page.unroute("**/draft/")
    at_case(page, reference)
    expect(page.locator("#id_body")).to_have_value("Has it a new battery?")
    expect(page.locator("#reply-form [data-draft-status]")).to_contain_text("Saved")
    other = at_case(log_in("agent"), reference)
    other.locator("#id_body").fill("Has it a new battery, and of the right kind?")
    expect(other.locator("#reply-form [data-draft-status]")).to_contain_text("Saved")
    at_case(page, reference)
    expect(page.locator("#id_body")).to_have_value("Has it a new battery, and of the right kind?")
