"""Macros and articles in an answer."""

from __future__ import annotations

import re

import pytest

from tests import people
from tests.factories import make_ticket, publish_article
from tests.tickets.desk import answers, page, send
from tickets.models import Macro, MacroText, MacroUse, Tag, Team, TicketSuggestion
from tickets.services import macros

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    return make_ticket()


# Macros


def macro(name: str = "Refund", body: str = "Hi {{ customer.first_name }}, it is on its way.", **fields) -> Macro:
    made = Macro.objects.create(name=name, **fields)
    MacroText.objects.create(macro=made, language="en", body=body)
    return made


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hi {{ customer.first_name }},", "Hi Cleo,"),
        ("Hi {{customer.name}}!", "Hi Cleo Lind!"),
        ("{{ agent.name }}", "Ada"),
        ("About {{ case.subject }}.", "About."),
        ("{{ customer.password }} {{ x }}", "{{ customer.password }} {{ x }}"),
        ("{% load x %}{{ customer.name|safe }}", "{% load x %}{{ customer.name|safe }}"),
    ],
)
def test_placeholders(ticket, text, filled):
    assert macros.fill(text, macros.values_for(ticket, people.ada())) == filled


def test_what_a_customer_calls_themselves_is_no_placeholder():
    ticket = make_ticket(name="{{ case.url }} <b>")
    assert macros.fill("Hi {{ customer.name }}", macros.values_for(ticket, people.ada())) == "Hi {{ case.url }} <b>"


def test_placeholders_that_nothing_fills_are_found():
    assert macros.unknown_placeholders("{{ customer.name }} {{ customer.nam }} {{x}}") == ["customer.nam", "x"]


def test_macros_are_found_by_name_then_by_text_in_the_customers_language(client, ada):
    ticket = make_ticket(language="sv")
    first, second = macro("Lost parcel", "About a refund"), macro("Refund")
    MacroText.objects.create(macro=second, language="sv", body="Hej {{ customer.first_name }}!")
    macro("Something else", "Nothing")
    found = macros.macros_for(ticket, ada, "refund")
    assert [one.pk for one in found] == [second.pk, first.pk]
    assert found[0].body == "Hej Cleo!"
    assert (found[0].is_other_language, found[1].is_other_language) == (False, True)
    html = page(client, "macros", ticket.reference, macro_words="refund")
    assert "Hej Cleo!" in html
    assert "Other language" in html
    assert "No macro holds these words." in page(client, "macros", ticket.reference, macro_words="zzz")


def test_macros_of_other_teams_and_those_not_in_use_are_not_offered(client, ada, ticket):
    ours, theirs = (Team.objects.create(key=key, name=key) for key in ("ours", "theirs"))
    ours.members.add(ada)
    macro("Ours", team=ours)
    hidden = [macro("Theirs", team=theirs), macro("Old", is_active=False)]
    assert [one.name for one in macros.macros_for(ticket, ada)] == ["Ours"]
    send(client, ticket, macros=[one.pk for one in hidden])
    assert not MacroUse.objects.exists()


def test_a_macro_is_counted_and_acts_when_the_answer_is_sent(client, ada, ticket):
    used = macro(priority="high")
    used.tags.add(Tag.objects.create(name="carrier"))
    page(client, "macros", ticket.reference)
    assert not MacroUse.objects.exists()
    send(client, ticket, macros=[used.pk, used.pk, "x"])
    ticket.refresh_from_db()
    use = MacroUse.objects.get()
    assert (use.macro, use.user, use.message) == (used, ada, ticket.messages.last())
    assert ticket.priority == "high"
    assert [tag.name for tag in ticket.tags.all()] == ["carrier"]


def test_a_macro_without_a_script(client, ada, ticket):
    used = macro(then="open")
    html = send(client, ticket, body="Kept words", find_macros="1", macro_words="refu").content.decode()
    assert f'name="macro" value="{used.pk}"' in html
    html = send(client, ticket, body="Kept words", macro=used.pk).content.decode()
    assert re.search(r"<textarea[^>]*>Kept words\n\nHi Cleo, it is on its way.</textarea>", html)
    assert f'name="macros" value="{used.pk}"' in html
    assert re.search(r'name="then" value="open" checked', html)
    assert not answers(ticket)


# Articles


def test_an_article_is_put_in_without_a_script(client, ada, ticket):
    text = publish_article("Refund times")
    html = send(client, ticket, body="See this:", find_links="1", link_words="refund").content.decode()
    assert f'name="link" value="{text.article_id}"' in html
    html = send(client, ticket, body="See this:", link=text.article_id).content.decode()
    assert "See this:\n\nRefund times\nhttp://testserver/en/articles/refund-times/" in html
    assert not answers(ticket)


def test_articles_are_in_the_customers_language_or_marked(client, ada):
    ticket = make_ticket(language="sv")
    text = publish_article("Refund times")
    publish_article("Refund rules")
    publish_article("Regler för refund", "Så här gör du.", language="sv", article=text.article)
    html = page(client, "links", ticket.reference, link_words="refund")
    assert "Regler för refund" in html
    assert "/sv/articles/" in html
    assert re.search(r"Refund rules</b>.*?Other language", html, re.DOTALL)
    assert html.count("Other language") == 1


def test_suggested_articles_come_before_any_word_is_typed(client, ada, ticket):
    text = publish_article("Refund times")
    TicketSuggestion.objects.create(ticket=ticket, article=text.article, probability=0.7)
    html = page(client, "links", ticket.reference)
    assert "Refund times" in html
    assert "70% likely" in html
