"""Narrowing lists, keeping lists under a name, and what 100,000 cases need: fixed queries and limited counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from tests import people
from tests.factories import TopicFactory, UserFactory, make_ticket
from tests.tickets.desk import page, references
from tickets.models import Presence, SavedFilter, Team, Ticket
from tickets.services import intake, lifecycle, queues, saved_filters, tagging
from tickets.services.history import agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(ada):
    team = Team.objects.create(key="returns", name="Returns")
    team.members.add(ada)
    return team


@pytest.fixture
def special(ada, team):
    """A case that every filter finds, beside one that none does."""
    topic = TopicFactory(slug="refunds")
    ticket = make_ticket(topic=topic, language="sv", channel="email", at=timezone.now() - timedelta(days=9))
    tagging.add_tags(ticket, ["vip"], by=agent(ada))
    lifecycle.assign(ticket, to=ada, by=ada)
    Ticket.objects.filter(pk=ticket.pk).update(
        team=team, priority="urgent", type="complaint", updated_at=timezone.now() - timedelta(days=9)
    )
    plain = make_ticket(email="other@example.com")
    lifecycle.send_reply(plain, agent=UserFactory(roles=["agent"]), body="Hello")
    return ticket


def days_ago(number: int) -> str:
    return timezone.localtime(timezone.now() - timedelta(days=number)).date().isoformat()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "open"), ("team", "returns"), ("assignee", "me"), ("topic", "refunds"), ("channel", "email"),
        ("language", "sv"), ("priority", "urgent"), ("type", "complaint"), ("tag", "VIP"), ("unanswered", "1"),
        ("created_to", days_ago(5)), ("updated_to", days_ago(5)),
    ],
)  # fmt: skip
def test_a_filter_narrows_and_can_be_taken_away(client, ada, special, name, value):
    html = page(client, view="open", **{name: value})
    assert references(html) == [special.reference]
    assert 'class="filter-chips"' in html
    assert len(references(page(client, view="open"))) == 2


def test_filters_join_and_several_statuses_are_either(client, ada, special):
    assert references(page(client, view="open", tag="vip", language="nb")) == []
    response = client.get("/desk/?view=every&status=open&status=waiting_customer")
    assert len(references(response.content.decode())) == 2
    assert references(page(client, view="every", customer=str(special.customer_id))) == [special.reference]
    assert references(page(client, view="every", assignee="none")) == []
    assert len(references(page(client, view="every", assignee="any"))) == 2
    assert references(page(client, view="every", assignee=str(ada.pk))) == [special.reference]
    assert references(page(client, view="every", created_from=days_ago(5))) != [special.reference]


def test_a_status_leads_out_of_a_view_that_is_about_another(client, ada, special):
    lifecycle.solve(special, agent=ada, article=None)
    html = page(client, view="waiting", status="solved")
    assert references(html) == [special.reference]
    assert "<h1" in html
    assert "All cases" in html
    assert references(page(client, view="solved", no_cause="1")) == [special.reference]


@pytest.mark.parametrize(
    "query",
    [
        "status=nonsense", "team=gone", "assignee=abc", "assignee=99999999999999999999", "created_from=2026-02-31",
        "created_to=9999-12-31", "updated_from=%00", "customer=1%27", "tag=" + "x" * 500, "sort=upwards", "view=%00",
        "topic=%F0%9F%98%80", "customer=" + "9" * 400, "unanswered=maybe", "priority=", "page=0&status=open",
    ],
)  # fmt: skip
def test_no_address_breaks_the_list(client, ada, special, query):
    assert client.get(f"/desk/?{query}").status_code == 200


def test_orders(client, ada):
    old = make_ticket(at=timezone.now() - timedelta(days=3))
    new = make_ticket()
    urgent = make_ticket(at=timezone.now() - timedelta(days=1))
    Ticket.objects.filter(pk=urgent.pk).update(priority="urgent")
    Ticket.objects.filter(pk=old.pk).update(updated_at=timezone.now())
    expected = {
        "waiting": [old, urgent, new],
        "newest": [new, urgent, old],
        "updated": [old, new, urgent],
        "quiet": [urgent, new, old],
        "priority": [urgent, old, new],
    }
    assert set(expected) == set(queues.ORDERS)
    for sort, tickets in expected.items():
        html = page(client, view="open", sort=sort)
        assert references(html) == [one.reference for one in tickets], sort
        assert f'value="{sort}" selected' in html


def test_unassigned_are_those_of_my_teams_and_of_none(client, ada, team):
    other = Team.objects.create(key="orders", name="Orders")
    ours, theirs, nobodys = make_ticket(), make_ticket(), make_ticket()
    Ticket.objects.filter(pk=ours.pk).update(team=team)
    Ticket.objects.filter(pk=theirs.pk).update(team=other)
    assert set(references(page(client, view="unassigned"))) == {ours.reference, nobodys.reference}
    team.members.clear()
    assert len(references(page(client, view="unassigned"))) == 3


def test_counts_follow_what_is_done(client, ada):
    ticket = make_ticket()
    assert 'data-count="unassigned">1<' in page(client, "rail")
    client.post(reverse("desk:take", args=[ticket.reference]))
    html = page(client, "rail")
    assert 'data-count="unassigned">0<' in html
    assert 'data-count="mine">1<' in html


def test_counts_are_one_statement_and_stop_at_their_limit(ada, monkeypatch, django_assert_num_queries):
    for _ in range(4):
        make_ticket()
    monkeypatch.setattr(queues, "COUNT_LIMIT", 3)
    ada.get_all_permissions()
    with django_assert_num_queries(1):
        counts = queues.counts(Ticket.objects.visible_to(ada), ada)
    assert counts["waiting"] == 3
    assert counts["solved"] == 0


def test_a_long_list_is_leafed_through_up_to_its_limit(client, ada, monkeypatch):
    monkeypatch.setattr("tickets.views.desk.listing.MOST_LISTED", 30)
    for number in range(31):
        make_ticket(email=f"c{number}@example.com")
    assert "26 to 30 of 30+" in page(client, view="open", page="2")


def test_a_new_message_is_marked_until_the_case_was_opened(client, ada):
    ticket = make_ticket()
    assert "new-mark" in page(client, view="open")
    Presence.objects.create(ticket=ticket, user=ada, seen_at=timezone.now())
    assert "new-mark" not in page(client, view="open")
    intake.add_customer_message(ticket, body="More", channel="email")
    assert "new-mark" in page(client, view="open")


def test_a_view_can_be_added_after_another(monkeypatch):
    monkeypatch.setattr(queues, "QUEUES", list(queues.QUEUES))
    monkeypatch.setattr(queues, "QUEUES_BY_KEY", dict(queues.QUEUES_BY_KEY))
    chats = queues.Queue("chats", "Chats", "None.", lambda tickets, user: tickets, "newest")  # type: ignore[arg-type]
    queues.register(chats, after="mine")
    assert [queue.key for queue in queues.QUEUES][:2] == ["mine", "chats"]


@pytest.mark.parametrize("count", [2, 12])
def test_a_search_and_saved_views_cost_the_same_however_many(client, ada, count, django_assert_num_queries):
    from tickets.search import upkeep

    for number in range(count):
        make_ticket(email=f"c{number}@example.com", body=f"A zeppelin number {number}")
        saved_filters.save(owner=ada, name=f"List {number}", query="view=open&language=en")
    upkeep.rebuild()
    page(client, q="zeppelin")
    with django_assert_num_queries(23):
        page(client, q="zeppelin")


# Saved filters


def save(client, query: str, **fields: str):
    return client.post(f"{reverse('desk:save_filter')}?{query}", {"name": "Swedish", "share": "me"} | fields)


def test_a_list_is_kept_under_a_name_with_its_count(client, ada, special):
    response = save(client, "view=open&language=sv&page=3&nonsense=1")
    assert response.status_code == 302
    row = SavedFilter.objects.get()
    assert row.query == "view=open&language=sv"
    html = page(client, view="open", language="sv")
    assert f'data-count="filter-{row.pk}">1<' in html
    assert "Swedish" in html
    assert references(client.get(response.url).content.decode()) == [special.reference]


def test_a_kept_list_that_has_become_odd_breaks_nothing(client, ada, special):
    SavedFilter.objects.create(owner=ada, name="Odd", query="view=gone&team=gone&status=x&created_from=never&q=%00")
    assert client.get("/desk/").status_code == 200


@pytest.mark.parametrize(("share", "sees"), [("me", False), ("all", True), ("team", True)])
def test_who_sees_a_kept_list(client, ada, team, share, sees):
    save(client, "view=open&language=sv", share=str(team.pk) if share == "team" else share)
    # The message that it is kept is read by who kept it.
    assert "Swedish" in page(client)
    max_ = people.max_()
    team.members.add(max_)
    client.force_login(max_)
    assert ("Swedish" in page(client)) == sees
    row = SavedFilter.objects.get()
    assert client.get(reverse("desk:edit_filter", args=[row.pk])).status_code == 404
    assert client.post(reverse("desk:edit_filter", args=[row.pk]), {"name": "Mine"}).status_code == 404
    assert client.post(reverse("desk:delete_filter", args=[row.pk])).status_code == 404
    assert SavedFilter.objects.get().name == "Swedish"


def test_a_list_of_a_team_is_hidden_from_others_and_only_shared_with_ones_own(client, ada, team):
    save(client, "view=open&language=sv", share=str(team.pk))
    other = Team.objects.create(key="orders", name="Orders")
    assert save(client, "view=open&language=sv", name="Other", share=str(other.pk)).status_code == 422
    assert "Swedish" in page(client)
    client.force_login(people.max_())
    assert "Swedish" not in page(client)


def test_a_kept_list_is_renamed_and_deleted_by_its_owner(client, ada, special):
    save(client, "view=open&language=sv")
    row = SavedFilter.objects.get()
    url = reverse("desk:edit_filter", args=[row.pk])
    assert 'value="Swedish"' in client.get(url).content.decode()
    assert client.post(url, {"name": "Svenska", "share": "all"}).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.is_shared, row.query) == ("Svenska", True, "view=open&language=sv")
    client.post(reverse("desk:delete_filter", args=[row.pk]))
    assert not SavedFilter.objects.exists()
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize(
    ("query", "name", "says"),
    [("view=open&language=sv", " ", "required"), ("", "Name", "nothing to save"), ("view=open", "Taken", "already")],
)
def test_a_list_that_cannot_be_kept_says_why(client, ada, query, name, says):
    SavedFilter.objects.create(owner=ada, name="Taken", query="view=open")
    response = save(client, query, name=name)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert SavedFilter.objects.count() == 1


# The large data set


def test_seed_load_makes_cases_of_all_kinds(client, ada, settings):
    call_command("seed_load", "--tickets", "300", "--articles", "4", "--days", "30", verbosity=0)
    tickets = Ticket.objects.all()
    assert tickets.count() == 300
    assert set(tickets.values_list("language", flat=True)) == {"en", "sv", "nb", "da"}
    assert len(set(tickets.values_list("status", flat=True))) >= 5
    assert tickets.filter(created_at__lt=timezone.now() - timedelta(days=25)).exists()
    assert not tickets.filter(events=None).exists()
    assert client.get("/desk/?view=open").status_code == 200


def test_seed_load_refuses_where_real_customers_are(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="--yes"):
        call_command("seed_load", "--tickets", "1")
    assert not Ticket.objects.exists()
