"""The proof: a question nobody could answer becomes an article that answers the next customer, seen by everybody."""

from __future__ import annotations

import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import CASE, Site, until

pytestmark = pytest.mark.browser

CLEO = "cleo.loop@example.com"
SEARCH = "unicycle training wheels"
ARTICLES = {
    "rent-a-tandem.md": """---
title: How do I rent a tandem?
topic: Renting bicycles
slug: rent-a-tandem
---
Choose a day in the calendar and pay a deposit; the tandem waits for you at the harbour. See also
[the deposit](deposit.md).

## What you need

1. A photo ID.
2. Two people taller than 150 cm.
""",
    "deposit.md": """---
title: When do I get the deposit for my tandem back?
topic: Renting bicycles
---
The deposit is released within two days of the day you bring the tandem back undamaged.
""",
}
STORY = "Hello! I brought the tandem back on Monday, undamaged. When will the deposit be released to me?"
UNANSWERED = (
    "Hi, I bought a unicycle from you and need unicycle training wheels for it. Do you sell unicycle training wheels?"
)


def figure(page: Page, key: str) -> int:
    return int(re.sub(r"\D", "", page.locator(f"[data-figure={key}] .value").first.inner_text()) or 0)


def answer_by_mail(site: Site, text: str) -> EmailMessage:
    """What Cleo's mail program sends when she answers our last letter."""
    letter = until(lambda: next(iter([one for one in site.letters_to(CLEO) if "looked" in one.as_string()]), None))
    reply = EmailMessage()
    reply["From"] = f"Cleo Lind <{CLEO}>"
    reply["To"] = str(letter["Reply-To"])
    reply["Subject"] = f"Re: {letter['Subject']}"
    reply["In-Reply-To"] = str(letter["Message-ID"])
    reply["Message-ID"] = "<answer-1@mail.example.com>"
    reply.set_content(
        f"{text}\n\nOn Sun, 22 Nov 2026 at 10:00, Havsvind <help@havsvind.example> wrote:\n> We have looked\n"
    )
    return reply


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in ARTICLES.items():
        (tmp_path / name).write_text(content)
    return tmp_path


def test_the_whole_loop(open_page, log_in, site, folder):
    manager = log_in("manager")
    manager.goto("/reports/")
    cases_before = figure(manager, "sent")

    # An unseen folder of articles comes in by one command, and the worker makes it findable.
    site.manage("import_articles", str(folder), "--lang", "en", "--publish")
    customer = open_page("/en/")

    def finds(words: str, title: str) -> bool:
        customer.goto(f"/en/search/?q={words}")
        return customer.locator("main").get_by_role("link", name=title).count() > 0

    until(lambda: finds("tandem", "How do I rent a tandem?"), seconds=10, what="indexing")
    customer.get_by_role("link", name="How do I rent a tandem?").first.click()
    expect(customer.locator("h1")).to_have_text("How do I rent a tandem?")
    customer.get_by_role("link", name="the deposit", exact=True).click()
    expect(customer.locator("h1")).to_contain_text("deposit")

    # Writing, the right article is suggested beside the text.
    def is_suggested() -> bool:
        customer.goto("/en/contact/")
        customer.locator("textarea[name=message]").fill("")
        customer.locator("textarea[name=message]").press_sequentially(STORY, delay=1)
        customer.wait_for_timeout(1500)
        return "deposit for my tandem" in customer.locator("[data-suggestions]").inner_text()

    until(is_suggested, seconds=40, what="learning")

    # Another question has no answer: searched in vain, then sent to a person.
    customer.goto(f"/en/search/?q={SEARCH}")
    expect(customer.locator("main")).not_to_contain_text("tandem")
    customer.locator("main a[href*='/contact/?q=']").first.click()
    expect(customer.locator("textarea[name=message]")).to_have_value(re.compile("unicycle"))
    customer.locator("textarea[name=message]").fill(UNANSWERED)
    customer.locator("input[name=email]").fill(CLEO)
    customer.locator("input[name=name]").fill("Cleo Lind")
    customer.get_by_role("button", name="Send to a person").click()
    customer.wait_for_url(CASE)
    case_url = customer.url
    reference = CASE.search(case_url)[0].split("/")[2]
    confirmation = until(lambda: next(iter(site.letters_to(CLEO)), None), what="the confirmation")
    assert reference in str(confirmation["Subject"])

    # An agent finds it, with what was searched before, and answers.
    agent = log_in("agent")
    agent.goto(f"/desk/{reference}/")
    expect(agent.locator("body")).to_contain_text(SEARCH)
    agent.locator("#id_body").fill("Hi Cleo. We have looked: we do not sell them, but the workshop can make a pair.")
    agent.locator("#reply-form [data-send]").click()
    expect(agent.locator("body")).to_contain_text("the workshop can make a pair")

    # It can be taken back for a while, and is there for the customer after that.
    def is_answered() -> bool:
        customer.goto(case_url)
        return "the workshop can make a pair" in customer.locator("main").inner_text()

    until(is_answered, seconds=30, what="the answer")

    # The answer by mail can be answered by mail.
    site.manage("receive_mail", stdin=answer_by_mail(site, "Yes please, a pair would be lovely.").as_bytes())
    customer.goto(case_url)
    expect(customer.locator("main")).to_contain_text("a pair would be lovely")
    # What she quoted is folded away.
    assert "wrote:" not in customer.locator("main").inner_text()

    # Solved, and no article answers it: that is work on the knowledge base.
    agent.goto(f"/desk/{reference}/")
    agent.locator("input[name=then][value=solve], input[name=then][value=solved]").first.check(force=True)
    agent.locator("#answered-by").get_by_label("No article answers it").check(force=True)
    agent.locator("#reply-form [data-send]").click()
    expect(agent.locator("body")).to_contain_text("Solved")
    site.manage("find_gaps")
    agent.goto("/admin/knowledge/contentgap/?q=unicycle")
    agent.locator("#result_list a, table a").filter(has_text="unicycle").first.click()
    expect(agent.locator("body")).to_contain_text("training wheels")
    agent.get_by_role("button", name="Write a draft article").click()
    agent.locator("input[name=title]").fill("Can I get training wheels for a unicycle?")
    agent.locator("textarea[name=body]").fill("The workshop makes training wheels for your unicycle to order.")
    agent.get_by_role("button", name="Save and publish").click()
    agent.wait_for_load_state()

    # The same search now finds it, and the manager sees all of it.
    until(
        lambda: finds(SEARCH, "Can I get training wheels for a unicycle?"), seconds=10, what="finding the new article"
    )
    manager.goto("/reports/")
    assert figure(manager, "sent") == cases_before + 1
    manager.goto("/reports/cases/")
    expect(manager.locator("main")).to_contain_text(reference)
    manager.goto("/reports/searches/?days=7")
    expect(manager.locator("main")).to_contain_text(SEARCH)
    # Nothing went wrong on the way that nobody saw.
    assert "Traceback" not in (site.folder / "serve.log").read_text()
