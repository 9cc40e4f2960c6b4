"""The contact page in a real browser: suggestions, one case, nothing lost."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import CASE

pytestmark = pytest.mark.browser
STORY = "Hi! I sent back a jacket two weeks ago but still have not got my money. When does the refund come?"


def address() -> str:
    return f"cleo-{uuid.uuid4().hex[:8]}@example.com"


# Where something stands on the page, however far the page is scrolled.
ON_THE_PAGE = "element => [element.getBoundingClientRect().x, element.getBoundingClientRect().y + window.scrollY]"


def write(page: Page, text: str = STORY) -> None:
    page.locator("textarea[name=message]").press_sequentially(text, delay=1)


def suggestion(page: Page) -> object:
    return page.locator("[data-suggestions] a[data-article-id]").first


def cases_of(site, mail: str) -> int:
    cases = f"Ticket.objects.filter(customer__identities__value='{mail}')"
    code = f"from tickets.models import Ticket; print('cases', {cases}.count())"
    return int(site.manage("shell", "-v0", "-c", code).split()[-1])


def test_a_suggestion_appears_while_typing_and_opening_it_keeps_the_text(open_page):
    page = open_page("/en/contact/")
    write(page)
    expect(suggestion(page)).to_contain_text("When do I get my refund?")
    send = page.get_by_role("button", name="Send to a person")
    before = send.evaluate(ON_THE_PAGE)
    suggestion(page).click()
    expect(page.locator("[data-suggestions]")).to_contain_text("working days")
    assert page.locator("textarea[name=message]").input_value() == STORY
    assert send.is_enabled()
    assert send.evaluate(ON_THE_PAGE) == before


def test_the_section_that_answers_opens_in_place_and_nothing_else_moves(open_page):
    page = open_page("/en/contact/")
    write(page)
    section = page.locator("[data-suggestions] a[data-section]").first
    expect(section).to_be_visible()
    send = page.get_by_role("button", name="Send to a person")
    before = send.evaluate(ON_THE_PAGE)
    title, anchor = section.inner_text(), section.get_attribute("data-section")
    section.click()
    heading = page.locator(f".panel-body #{anchor}")
    expect(heading).to_have_text(title)
    expect(heading).to_be_in_viewport()
    assert send.evaluate(ON_THE_PAGE) == before
    assert page.locator("textarea[name=message]").input_value() == STORY
    page.keyboard.press("Escape")
    expect(suggestion(page)).to_be_focused()


# Its place in the window, and whether it can be pressed there: asked in every frame from now on.
WATCH_THE_SEND_BUTTON = """() => {
  const send = document.querySelector("[data-send]");
  send.scrollIntoView({ block: "end" });
  window.seen = new Set();
  const look = () => {
    const box = send.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const isFree = !send.disabled && !send.hasAttribute("aria-disabled");
    const isReachable = isFree && send.contains(document.elementFromPoint(x, y));
    window.seen.add(JSON.stringify([box.x, box.y, box.width, box.height, isReachable]));
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.mark.parametrize(("width", "height"), [(360, 1400), (360, 740), (1440, 1100)])
def test_suggestions_never_move_cover_or_disable_the_send_button(open_page, width, height):
    page = open_page("/sv/contact/", viewport={"width": width, "height": height})
    page.evaluate(WATCH_THE_SEND_BUTTON)
    text = (
        "Hej! Jag skickade tillbaka en jacka för två veckor sedan men har inte fått mina pengar. "
        "När kommer återbetalningen?"
    )

    def press(what: str) -> None:
        # A click by hand would first scroll what is out of sight into it.
        page.locator(what).first.dispatch_event("click")

    page.locator("textarea[name=message]").evaluate(
        "(field, text) => { field.value = text; field.dispatchEvent(new Event('input', { bubbles: true })) }", text
    )
    expect(suggestion(page)).to_be_attached()
    press("[data-suggestions] a[data-article-id]")
    expect(page.locator(".panel-body")).to_contain_text("bankdagar")
    press("[data-suggestions] [data-close]")
    press("[data-suggestions] [data-dismiss]")
    press("[data-suggestions] .is-hidden button")
    press("[data-suggestions] a[data-article-id]")
    press("[data-suggestions] [data-not-answered]")
    page.locator("textarea[name=message]").evaluate(
        "field => { field.value = ''; field.dispatchEvent(new Event('input', { bubbles: true })) }"
    )
    expect(page.locator("[data-suggestions] .suggest-empty")).to_be_attached()
    (only,) = page.evaluate("[...window.seen].map((one) => JSON.parse(one))")
    assert only[-1] is True


def test_the_passage_that_answers_is_marked_in_the_article(open_page):
    page = open_page("/en/contact/")
    write(page)
    shown = page.locator("[data-suggestion]").first
    passage = shown.get_attribute("data-passage")
    suggestion(page).click()
    marks = page.locator(".panel-body mark")
    expect(marks.first).to_be_in_viewport()
    marked = " ".join(" ".join(marks.all_inner_texts()).split())
    assert marked.replace(" .", ".") in passage


def test_above_a_keyboard_the_article_has_its_head_and_its_foot_in_sight(open_page):
    page = open_page("/en/contact/", viewport={"width": 640, "height": 300})
    message = page.locator("textarea[name=message]")
    message.fill(STORY)
    expect(suggestion(page)).to_be_attached()
    suggestion(page).scroll_into_view_if_needed()
    suggestion(page).click()
    expect(page.locator(".panel-body mark").first).to_be_in_viewport()
    expect(page.locator(".panel [data-close]")).to_be_in_viewport(ratio=1)
    expect(page.locator(".panel [data-not-answered]")).to_be_in_viewport(ratio=1)


def test_a_hidden_suggestion_stays_hidden_while_the_draft_lives_and_can_be_had_back(open_page):
    page = open_page("/en/contact/")
    write(page)
    title = suggestion(page).inner_text()
    page.get_by_role("button", name=f"Hide “{title}”").click()
    expect(page.locator("[data-suggestions]")).to_contain_text(f"“{title}” is hidden.")
    page.locator("textarea[name=message]").press_sequentially(" Please tell me when.")
    page.wait_for_timeout(1000)
    assert title not in page.locator("[data-suggestions]").locator("a").all_inner_texts()
    page.reload()
    page.wait_for_timeout(1000)
    assert title not in page.locator("[data-suggestions]").locator("a").all_inner_texts()
    page.get_by_role("button", name="Start over").click()
    write(page)
    expect(suggestion(page)).to_have_text(title)
    page.get_by_role("button", name=f"Hide “{title}”").click()
    page.get_by_role("button", name="Undo").last.click()
    expect(suggestion(page)).to_be_focused()


def test_the_topic_brings_its_fields_and_keeps_what_was_written_in_them(open_page, site):
    mail = address()
    page = open_page("/en/contact/")
    order = page.get_by_label("Order number")
    assert order.count() == 0
    page.get_by_label("It is about").select_option("returns")
    order.fill("HV-12")
    page.get_by_label("Your name").focus()
    expect(order).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#id_field-order-number_error")).to_contain_text("HV- and seven digits, such as")
    page.get_by_label("It is about").select_option("payment")
    expect(order).to_have_count(0)
    page.get_by_label("It is about").select_option("delivery")
    expect(order).to_have_value("HV-12")
    page.locator("textarea[name=message]").fill(STORY)
    page.locator("input[name=email]").fill(mail)
    page.locator("[data-send]").click()
    expect(order).to_be_focused()
    assert cases_of(site, mail) == 0
    order.fill("hv 1234567")
    expect(order).not_to_have_attribute("aria-invalid", "true")
    page.locator("[data-send]").click()
    page.wait_for_url(CASE)
    expect(page.locator("main")).to_contain_text("HV1234567")


def test_fields_and_files_without_javascript(open_page):
    page = open_page("/en/contact/", java_script_enabled=False)
    page.locator("textarea[name=message]").fill(STORY)
    page.locator("input[name=email]").fill(address())
    page.locator("input[type=file]").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"hello"})
    page.get_by_label("It is about").select_option("returns")
    page.get_by_role("button", name="Show fields").click()
    page.get_by_label("Order number").fill("HV-7654321")
    expect(page.locator("textarea[name=message]")).to_have_value(STORY)
    # Enter sends: it presses no other button.
    page.get_by_label("Order number").press("Enter")
    page.wait_for_url(CASE)
    expect(page.locator("main")).to_contain_text("HV-7654321")
    expect(page.locator("main")).to_contain_text("a.txt")


def test_answered_leaves_no_case(open_page, site):
    mail = address()
    page = open_page("/en/contact/")
    page.locator("input[name=email]").fill(mail)
    write(page)
    suggestion(page).click()
    page.get_by_role("button", name="Yes").click()
    page.wait_for_url("**/contact/thanks/")
    expect(page.locator("h1")).to_be_visible()
    assert page.locator("[data-escape-hatches] [data-channel]").count() > 0
    assert cases_of(site, mail) == 0
    page.get_by_role("link", name="Back to my message").click()
    expect(page.locator("textarea[name=message]")).to_have_value(STORY)


def test_sending_anyway_makes_exactly_one_case_on_double_click(open_page, site):
    mail = address()
    page = open_page("/en/contact/")
    page.locator("input[name=email]").fill(mail)
    write(page)
    expect(suggestion(page)).to_be_attached()
    page.get_by_role("button", name="Send to a person").dblclick()
    page.wait_for_url(CASE)
    expect(page.locator("main")).to_contain_text(STORY)
    assert cases_of(site, mail) == 1


def test_going_back_and_sending_again_makes_no_second_case(open_page, site):
    mail = address()
    page = open_page("/en/contact/")
    page.locator("input[name=email]").fill(mail)
    write(page)
    page.get_by_role("button", name="Send to a person").click()
    page.wait_for_url(CASE)
    first = page.url.split("?")[0]
    page.go_back()
    if page.locator("textarea[name=message]").input_value() == "":
        # The draft was cleared with the sending: what is written now is a new matter.
        return
    page.locator("input[name=email]").fill(mail)
    page.get_by_role("button", name="Send to a person").click()
    page.wait_for_url(CASE)
    assert page.url.split("?")[0] == first
    assert cases_of(site, mail) == 1


def test_a_draft_survives_a_reload_and_a_closed_tab_and_is_cleared_by_sending(open_page):
    page = open_page("/en/contact/")
    page.locator("input[name=email]").fill(address())
    write(page)
    page.wait_for_timeout(700)
    page.reload()
    expect(page.locator("textarea[name=message]")).to_have_value(STORY)
    other = page.context.new_page()
    page.close()
    other.goto("/en/contact/")
    expect(other.locator("textarea[name=message]")).to_have_value(STORY)
    other.get_by_role("button", name="Send to a person").click()
    other.wait_for_url(CASE)
    other.goto("/en/contact/")
    expect(other.locator("textarea[name=message]")).to_have_value("")


def test_the_whole_path_without_javascript(open_page, site):
    mail = address()
    page = open_page("/en/", java_script_enabled=False)
    page.locator("form[role=search] input[name=q]").first.fill("refund")
    page.locator("form[role=search] button").first.click()
    page.get_by_role("link", name="When do I get my refund?").first.click()
    expect(page.locator("h1")).to_have_text("When do I get my refund?")
    page.locator("[data-escape-hatches] a[data-channel=form]").first.click()
    page.locator("textarea[name=message]").fill(STORY)
    page.locator("input[name=email]").fill(mail)
    page.get_by_role("button", name="Send to a person").click()
    page.wait_for_url(CASE)
    expect(page.locator("main")).to_contain_text("When do I get my refund?")
    page.get_by_role("button", name="This answered it, close my case").first.click()
    expect(page.locator("main")).to_contain_text("closed")
    page.locator("textarea[name=message]").fill("It did not after all.")
    page.locator("form:has(textarea[name=message]) button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("It did not after all.")
    assert cases_of(site, mail) == 1


def test_an_error_keeps_everything_and_is_read_out(open_page):
    page = open_page("/en/contact/")
    write(page)
    page.locator("input[name=email]").fill("cleo@")
    page.get_by_role("button", name="Send to a person").click()
    field = page.locator("input[name=email]")
    expect(field).to_have_attribute("aria-invalid", "true")
    described_by = field.get_attribute("aria-describedby")
    assert described_by
    assert any("e-mail" in (page.locator(f"#{one}").text_content() or "") for one in described_by.split())
    assert page.locator("textarea[name=message]").input_value() == STORY


def test_the_case_page_with_a_wrong_key_does_not_exist(open_page, site):
    page = open_page("/en/contact/")
    page.locator("input[name=email]").fill(address())
    write(page)
    page.get_by_role("button", name="Send to a person").click()
    page.wait_for_url(CASE)
    for url in (page.url.split("?")[0], re.sub(r"key=[^&]{6}", "key=000000", page.url)):
        response = page.goto(url)
        assert response is not None
        assert response.status == 404
        assert page.locator("[data-escape-hatches] a[data-channel]").count() > 0


def test_on_a_phone_the_story_is_in_sight_and_its_status_moves_nothing(open_page):
    page = open_page("/sv/contact/", viewport={"width": 360, "height": 740})
    field, send = page.locator("textarea[name=message]"), page.locator("[data-send]")
    assert field.bounding_box()["y"] < 740 - 44
    before = send.evaluate(ON_THE_PAGE)
    field.fill("x" * 20_001)
    expect(page.locator("[data-counter]")).to_have_class(re.compile("is-over"))
    expect(page.get_by_role("button", name="Börja om")).to_be_visible()
    assert send.evaluate(ON_THE_PAGE) == before
    assert page.evaluate("document.documentElement.scrollWidth") == 360
