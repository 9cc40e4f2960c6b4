"""Help in context: off by default, once a visit, and only what is there to be had."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from deflection.models import HelpInContext, HelpRule, Journey, JourneyEvent
from knowledge.models import Topic
from tests.factories import TopicFactory
from tests.people import ada, max_
from tickets.models import AgentAvailability, Channel

pytestmark = pytest.mark.django_db
Kind = JourneyEvent.Kind
URL = "/en/help-offer/"


@pytest.fixture
def help_is_on():
    return HelpInContext.objects.create(is_on=True)


def rule(help_in_context, **fields) -> HelpRule:
    return HelpRule.objects.create(
        help=help_in_context, **{"is_active": True, "page": "any", "offer": "form", **fields}
    )


def ask(client, one: HelpRule, what: str = "offer", **fields):
    return client.post(URL, {"rule": one.pk, "what": what, "page": "home", "topic": "", **fields})


def told(client, path: str = "/en/") -> bool:
    return b"data-help-rules" in client.get(path).content


@pytest.mark.parametrize(("is_on", "is_active"), [(False, True), (True, False), (False, False)])
def test_it_is_off_until_both_are_switched_on(client, is_on, is_active):
    one = rule(HelpInContext.objects.create(is_on=is_on), is_active=is_active)
    assert not told(client)
    assert ask(client, one).status_code == 204
    assert not JourneyEvent.objects.exists()


def test_without_any_rule_a_page_costs_no_more(client, django_assert_num_queries):
    client.get("/en/status/")
    with django_assert_num_queries(0):
        from deflection.services.help_rules import rules_for

        assert rules_for("home", None) == []


def test_once_a_visit(client, help_is_on):
    one, other = rule(help_is_on), rule(help_is_on, trigger="second_search")
    assert told(client)
    response = ask(client, one)
    assert response.status_code == 200
    assert 'href="/en/contact/"' in response.content.decode()
    assert ask(client, one).status_code == ask(client, other).status_code == 204
    event = JourneyEvent.objects.get(kind=Kind.HELP_OFFERED)
    assert (event.channel, event.data) == ("form", {"rule": one.pk})


def test_what_becomes_of_it_is_noted_once(client, help_is_on):
    one = rule(help_is_on)
    ask(client, one, "taken")
    assert not JourneyEvent.objects.exists()
    ask(client, one)
    ask(client, one, "dismissed")
    ask(client, one, "dismissed")
    ask(client, one, "taken")
    kinds = list(JourneyEvent.objects.values_list("kind", flat=True))
    assert kinds.count(Kind.HELP_DISMISSED) == 1
    assert Kind.HELP_TAKEN not in kinds


def test_chat_is_offered_while_somebody_is_there(client, help_is_on):
    Channel.objects.create(kind="chat")
    one = rule(help_is_on, offer="chat")
    assert ask(client, one).status_code == 204
    AgentAvailability.objects.create(user=ada(), state=AgentAvailability.State.AVAILABLE)
    response = ask(client, one)
    assert response.status_code == 200
    assert 'href="/en/chat/"' in response.content.decode()


def test_a_rule_is_for_its_pages_and_topics(client, help_is_on, commit):
    parent = TopicFactory(slug="orders")
    TopicFactory(slug="returns", parent=parent)
    TopicFactory(slug="account")
    rule(help_is_on, page="topic", topic=parent)
    assert told(client, "/en/topics/orders/")
    assert told(client, "/en/topics/returns/")
    assert not told(client, "/en/topics/account/")
    assert not told(client, "/en/")
    one = HelpRule.objects.get()
    assert ask(client, one, page="topic", topic="account").status_code == 204
    assert ask(client, one, page="topic", topic="returns").status_code == 200


@pytest.mark.parametrize("path", ["/en/contact/", "/en/chat/", "/en/call-back/", "/en/phone/"])
def test_never_where_somebody_is_on_the_way_to_a_person(client, help_is_on, path):
    rule(help_is_on)
    assert not told(client, path)


def test_at_once_only_about_buying(help_is_on):
    buying = TopicFactory(slug="sizes", kind=Topic.Kind.BUYING)
    for topic in (buying, TopicFactory(parent=buying)):
        HelpRule(help=help_is_on, trigger="at_once", topic=topic).full_clean()
    for topic in (None, TopicFactory(slug="returns"), TopicFactory(slug="fraud", kind=Topic.Kind.SENSITIVE)):
        with pytest.raises(ValidationError) as refused:
            HelpRule(help=help_is_on, trigger="at_once", topic=topic).full_clean()
        assert "topic" in refused.value.message_dict


@pytest.mark.parametrize(("trigger", "page"), [("second_search", "article"), ("not_quite", "search")])
def test_a_rule_that_could_never_count_is_refused(help_is_on, trigger, page):
    HelpRule(help=help_is_on, trigger=trigger, page="any").full_clean()
    with pytest.raises(ValidationError) as refused:
        HelpRule(help=help_is_on, trigger=trigger, page=page).full_clean()
    assert "page" in refused.value.message_dict


def test_whoever_is_not_counted_is_offered_help_and_counted_nowhere(client, help_is_on):
    one = rule(help_is_on)
    response = client.post(URL, {"rule": one.pk, "what": "offer", "page": "home"}, headers={"DNT": "1"})
    assert response.status_code == 200
    assert Journey.objects.get().is_measured is False


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 30])
def test_a_made_up_rule_offers_nothing(client, help_is_on, number):
    assert client.post(URL, {"rule": number, "what": "offer", "page": "home"}).status_code == 204
    assert client.get(URL).status_code == 405


def test_managers_set_it_on_one_page(client, help_is_on):
    one = rule(help_is_on)
    ask(client, one)
    client.force_login(ada())
    assert client.get("/admin/deflection/helpincontext/").status_code == 403
    client.force_login(max_())
    response = client.get("/admin/deflection/helpincontext/", follow=True)
    assert response.status_code == 200
    assert "offered 1, taken 0, dismissed 0" in response.content.decode()
    fields = {
        "is_on": "", "rules-TOTAL_FORMS": "1", "rules-INITIAL_FORMS": "1", "rules-0-id": one.pk, "rules-0-help": 1,
        "rules-0-is_active": "on", "rules-0-page": "article", "rules-0-trigger": "at_once", "rules-0-seconds": "90",
        "rules-0-offer": "chat", "rules-0-topic": "",
    }  # fmt: skip
    refused = client.post("/admin/deflection/helpincontext/1/change/", fields)
    assert refused.status_code == 200
    assert "Choose one of those." in refused.content.decode()
    saved = client.post("/admin/deflection/helpincontext/1/change/", fields | {"rules-0-trigger": "time"})
    assert saved.status_code == 302
    one.refresh_from_db()
    assert (one.page, one.offer) == ("article", "chat")
    assert HelpInContext.objects.get().is_on is False
