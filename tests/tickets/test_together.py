"""Several agents in one case: naming a colleague, and seeing who else is here."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import people
from tests.factories import make_ticket
from tests.tickets.desk import page, seen, url
from tickets.models import Mention, Presence
from tickets.services import intake, lifecycle, mentions, presence

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    return make_ticket()


# Mentions


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Max Dahl see this", ["Max Dahl"]),
        ("see this, @max.", ["Max Dahl"]),
        ("@MAX@EXAMPLE.COM!", ["Max Dahl"]),
        ("(@Max) and @ada", ["Max Dahl", "Ada Ek"]),
        ("@Maximilian, max, max@example.com", []),
        ("@Sam Strand @nobody @", []),
        ("no one", []),
    ],
)
def test_who_is_named(text, names):
    people.ada(), people.max_(), people.sam()
    assert [str(one) for one in mentions.named_in(text).people] == names


def test_two_of_one_name_are_not_guessed_between(client, ada, ticket):
    other = people.max_()
    other.name = "Ada Holm"
    other.save()
    named = mentions.named_in("@Ada and @Ada Holm")
    assert ([str(one) for one in named.people], named.unclear) == (["Ada Holm"], ["Ada"])
    client.post(url("note", ticket.reference), {"note": "@Ada?"})
    assert "Several colleagues answer to @Ada, so nobody was told." in page(client, "case", ticket.reference)


def test_a_note_tells_whom_it_names_until_they_have_read_it(client, ada, ticket):
    max_ = people.max_()
    client.post(url("note", ticket.reference), {"note": "@Max Dahl, and I @Ada, look"})
    mention = Mention.objects.get()
    assert (mention.user, mention.seen_at) == (max_, None)
    html = page(client, "case", ticket.reference)
    assert "Max Dahl will see that you mentioned them." in html
    assert '<b class="mention">@Max Dahl</b>' in html
    assert Mention.objects.filter(seen_at=None).exists()
    client.force_login(max_)
    page(client, "case", ticket.reference)
    assert not Mention.objects.filter(seen_at=None).exists()


def test_colleagues_are_offered_by_the_beginning_of_a_name(client, ada):
    people.max_()
    assert client.get(url("colleagues"), {"find": "da"}).json() == {"people": []}
    assert client.get(url("colleagues"), {"find": "ma"}).json()["people"][0]["name"] == "Max Dahl"
    assert "Sam" not in str(client.get(url("colleagues"), {"find": "s"}).json())


# Who else is here


def present(client, ticket, **fields: object) -> str:
    return client.post(url("present", ticket.reference), fields).content.decode()


def test_two_agents_see_each_other(client, ada, ticket):
    page(client, "case", ticket.reference)
    client.force_login(people.max_())
    assert "Ada Ek is here too" in page(client, "case", ticket.reference)
    assert "Max Dahl" not in present(client, ticket)
    present(client, ticket, typing="1")
    client.force_login(ada)
    assert "Max Dahl is writing" in present(client, ticket)


def test_who_leaves_or_goes_silent_is_not_shown(ticket):
    ada, max_, now = people.ada(), people.max_(), timezone.now()
    presence.arrive(ticket, user=ada, at=now, is_typing=True)
    assert presence.others(ticket, user=max_, at=now + timedelta(seconds=30))[0].is_typing is False
    assert presence.others(ticket, user=max_, at=now + timedelta(seconds=60)) == []
    presence.leave(ticket, user=ada)
    assert not Presence.objects.exists()


def test_what_is_said_meanwhile_is_told(client, ada, ticket):
    before = seen(ticket)
    assert "has written" not in present(client, ticket, seen=before)
    intake.add_customer_message(ticket, body="Hello?", channel="email")
    assert "The customer has written." in present(client, ticket, seen=before)
    lifecycle.send_reply(ticket, agent=people.max_(), body="Yes")
    assert "Max Dahl has answered." in present(client, ticket, seen=before)
    assert "has" not in present(client, ticket, seen="x")
