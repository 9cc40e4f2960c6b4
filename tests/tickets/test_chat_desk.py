"""Live chat at the desk, by ordinary requests: who gets in, who speaks, and what is done with a chat."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import people
from tests.factories import UserFactory
from tickets.models import AgentAvailability, Channel, ChannelKind, Chat, Macro, MacroText, Message, Team, Ticket
from tickets.services import availability, chat_agents, chat_desk, chat_offers, chats, lifecycle
from tickets.services.chat_lines import say
from tickets.services.chat_room import notices_of

pytestmark = pytest.mark.django_db
State = AgentAvailability.State
GET_VIEWS = ["chat", "chat_lines"]
POST_VIEWS = ["chat_say", "take_chat", "decline_chat", "hand_over_chat", "end_chat", "chat_note", "solve_chat"]
JSON = {"Accept": "application/json"}


@pytest.fixture
def ada(client):
    Channel.objects.update_or_create(kind=ChannelKind.CHAT, defaults={"promised_seconds": 120, "calendar": None})
    user = people.ada()
    client.force_login(user)
    availability.set_state(user, State.AVAILABLE)
    return user


@pytest.fixture
def ben(ada):
    """A colleague who is there."""
    user = UserFactory(email="ben@example.com", name="Ben Berg", display_name="Ben", roles=["agent"])
    AgentAvailability.objects.create(user=user, state=State.AVAILABLE)
    return user


@pytest.fixture
def chat(ada):
    return chats.begin(body="Where is my parcel?", language="en", email="cleo@example.com", name="Cleo Lind")


@pytest.fixture
def mine(chat, ada):
    return chats.accept(chat, ada)


def url(name, chat):
    return reverse(f"desk:{name}", args=[chat.pk])


def page(client, name, chat=None):
    response = client.get(url(name, chat) if chat else reverse(f"desk:{name}"))
    assert response.status_code == 200
    return response.content.decode()


def customer_says(chat, body="And today?", key="cleo-00001"):
    return say(chat, side=Chat.Side.CUSTOMER, body=body, client_key=key)


# The door


@pytest.mark.parametrize("name", [*GET_VIEWS, *POST_VIEWS])
def test_strangers_log_in_and_colleagues_without_the_right_stay_out(client, chat, name):
    ask = client.get if name in GET_VIEWS else client.post
    client.logout()
    assert ask(url(name, chat)).status_code == 302
    for stranger in (people.sam(), people.cleo()):
        client.force_login(stranger)
        assert ask(url(name, chat)).status_code == 403
    chat.refresh_from_db()
    assert (chat.state, chat.agent, chat.last_seq) == (Chat.State.WAITING, None, 1)


@pytest.mark.parametrize("name", ["chats", "chat_list", "chats_now"])
def test_the_lists_are_for_agents(client, chat, name):
    client.logout()
    assert client.get(reverse(f"desk:{name}")).status_code == 302
    client.force_login(people.cleo())
    assert client.get(reverse(f"desk:{name}")).status_code == 403


@pytest.mark.parametrize("name", POST_VIEWS)
def test_actions_are_posted(client, chat, name):
    assert client.get(url(name, chat)).status_code == 405


def test_no_such_chat(client, ada):
    assert client.get("/desk/chats/0b5e1c0e-7f8e-4d5c-9b1b-0d8f6f6f6f6f/").status_code == 404


# Availability


def test_every_page_of_the_desk_asks_whether_one_takes_chats(client, ada):
    assert 'name="state" value="busy"' in page(client, "list")
    back = reverse("desk:customers")
    assert client.post(reverse("desk:availability"), {"state": "busy", "back": back}).url == back
    assert AgentAvailability.objects.get().state == State.BUSY
    assert client.post(reverse("desk:availability"), {"state": "away", "back": "//evil.example"}).url == "/desk/chats/"
    assert client.post(reverse("desk:availability"), {"capacity": "1"}).status_code == 302
    assert AgentAvailability.objects.get().takes_at_once == 1


@pytest.mark.parametrize("fields", [{"capacity": "9"}, {"capacity": "x"}, {"state": "asleep"}])
def test_what_cannot_be_said_of_oneself_is_refused_in_words(client, ada, fields):
    html = client.post(reverse("desk:availability"), fields, follow=True).content.decode()
    assert "Choose" in html
    said = AgentAvailability.objects.get()
    assert (said.state, said.takes_at_once) == (State.AVAILABLE, 3)


def test_an_open_page_is_a_sign_of_life(client, ada):
    AgentAvailability.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    client.get(reverse("desk:chats_now"))
    assert not AgentAvailability.objects.available(timezone.now()).exists()
    client.post(reverse("desk:chats_now"))
    assert AgentAvailability.objects.available(timezone.now()).exists()


# What rings


def test_an_offer_stands_on_every_page_until_it_is_answered(client, chat, ada):
    chat_offers.offer_next(chat.pk)
    html = page(client, "list")
    assert f'data-offer="{chat.pk}"' in html
    assert "Cleo Lind wants to chat" in html
    client.post(url("decline_chat", chat))
    assert "wants to chat" not in page(client, "list")
    assert "1 customer waits in the chat" in page(client, "list")


def test_whose_last_words_stand_for_too_long_is_marked(mine, ada):
    customer_says(mine)
    [row] = chat_desk.mine(ada)
    assert (row.unread, row.is_late, row.last_words) == (2, False, "And today?")
    [row] = chat_desk.mine(ada, timezone.now() + timedelta(seconds=61))
    assert row.is_late
    assert "late" in chat_desk.now_for(ada, timezone.now() + timedelta(seconds=61)).rings


def test_a_chat_whose_agent_has_gone_waits_for_anybody(client, mine, ada, ben):
    customer_says(mine)
    assert chat_desk.waiting(ben) == []
    AgentAvailability.objects.filter(user=ada).update(seen_at=timezone.now() - timedelta(minutes=2))
    [row] = chat_desk.waiting(ben)
    assert row.is_left_alone
    client.force_login(ben)
    assert "Ada Ek is gone" in page(client, "chats")


@pytest.mark.parametrize("count", [2, 12])
def test_the_lists_cost_the_same_however_many_chats(client, ada, count, django_assert_num_queries):
    for number in range(count):
        begun = chats.begin(body="Hi", language="en", email=f"c{number}@example.com", name=f"C {number}")
        if number % 2:
            chats.accept(begun, ada)
    page(client, "chat_list")
    with django_assert_num_queries(4 + 2 * 2):
        page(client, "chat_list")


def test_managers_see_everybodys_chats(client, mine):
    assert "Colleagues’ chats" not in page(client, "chats")
    client.force_login(people.max_())
    assert f'data-chat-row="{mine.pk}"' in page(client, "chats")


def test_the_view_of_cases_in_chat(client, mine, ben):
    html = client.get("/desk/?view=chats").content.decode()
    assert mine.ticket.reference in html
    assert 'data-count="chats">1<' in html
    assert 'data-count="live-chat">0<' in html
    client.force_login(ben)
    assert mine.ticket.reference not in client.get("/desk/?view=chats").content.decode()
    client.force_login(people.max_())
    assert mine.ticket.reference in client.get("/desk/?view=chats").content.decode()


# Talking


def test_a_colleague_reads_along_and_only_the_assigned_one_speaks(client, mine, ben):
    client.force_login(ben)
    html = page(client, "chat", mine)
    assert "Where is my parcel?" in html
    assert "data-say" not in html
    response = client.post(url("chat_say", mine), {"body": "Me too", "key": "ben-00001"}, headers=JSON)
    assert (response.status_code, "Ada Ek has this chat now" in response.json()["detail"]) == (400, True)
    assert mine.messages.count() == 1


def test_taking_over_is_told_to_both(client, mine, ben):
    client.force_login(ben)
    client.post(url("take_chat", mine), {"over": "1"})
    client.post(url("chat_say", mine), {"body": "Hello", "key": "ben-00001"})
    mine.refresh_from_db()
    assert (mine.agent, mine.last_seq, Ticket.objects.get().assignee) == (ben, 2, ben)
    assert notices_of(mine)[-1]["text"] == "Ben goes on, and has read everything."
    assert "Ben Berg" in page(client, "chat", mine)
    assert chat_desk.now_for(ben).offers == []


def test_saying_it_twice_says_it_once(client, mine):
    for _ in range(2):
        client.post(url("chat_say", mine), {"body": "Tomorrow.", "nonce": "n1"})
    response = client.post(url("chat_say", mine), {"body": "And free", "key": "ada-00001"}, headers=JSON)
    assert response.json()["seq"] == 3
    assert client.post(url("chat_say", mine), {"body": "And free", "key": "ada-00001"}, headers=JSON).json()["seq"] == 3
    assert mine.messages.filter(kind=Message.Kind.OUTBOUND).count() == 2


def test_what_could_not_be_said_is_still_in_the_box(client, mine, ben):
    chats.hand_over(mine, to=ben, by=mine.agent)
    response = client.post(url("chat_say", mine), {"body": "A long answer", "nonce": "n"})
    assert response.status_code == 422
    assert client.post(url("chat_say", mine), {"body": " "}, headers=JSON).json()["detail"] == "Write something first."


def test_a_window_without_a_socket_reads_what_is_new(client, mine):
    customer_says(mine)
    found = client.get(url("chat_lines", mine), {"after": "1"}).json()
    assert [one["body"] for one in found["lines"]] == ["And today?"]
    assert found["state"]["is_mine"]
    mine.refresh_from_db()
    assert mine.seen_by_agent == 2


def test_a_macro_in_the_customers_language_without_scripts(client, mine):
    macro = Macro.objects.create(name="Greeting")
    MacroText.objects.create(macro=macro, language="en", body="Hi {{ customer.first_name }}!")
    html = client.post(url("chat_say", mine), {"body": "", "macro": str(macro.pk)}).content.decode()
    assert "Hi Cleo!</textarea>" in html
    client.post(url("chat_say", mine), {"body": "Hi Cleo!", "macros": [macro.pk], "nonce": "n"})
    assert macro.uses.count() == 1
    assert mine.messages.count() == 2


def test_a_macro_leaves_the_case_as_it_says_unless_the_customer_has_written_since(client, mine, ada):
    macro = Macro.objects.create(name="Search", then=Ticket.Status.WAITING_THIRD_PARTY)
    client.post(url("chat_say", mine), {"body": "We search for it.", "macros": [macro.pk], "nonce": "n"})
    assert Ticket.objects.get().status == Ticket.Status.WAITING_THIRD_PARTY
    asks = Macro.objects.create(name="Number?", then=Ticket.Status.WAITING_CUSTOMER)
    message = say(mine, side="agent", body="Which number?", client_key="agent-0001", author=ada)
    customer_says(mine)
    chat_agents.note_macros(message, [asks.pk], ada)
    assert Ticket.objects.get().status == Ticket.Status.WAITING_THIRD_PARTY
    chats.end(mine, Chat.Side.AGENT, agent=ada)
    assert Ticket.objects.get().status == Ticket.Status.WAITING_THIRD_PARTY


def test_a_macro_that_solves_asks_what_answered_it(client, mine):
    macro = Macro.objects.create(name="Done", then=Ticket.Status.SOLVED)
    said = client.post(url("chat_say", mine), {"body": "Done!", "macros": [macro.pk], "nonce": "n"})
    assert Ticket.objects.get().status == Ticket.Status.OPEN
    assert "data-solve-open" not in page(client, "chat", mine)
    assert "data-solve-open" in client.get(said.url).content.decode()


def test_the_page_of_a_case_leads_to_its_chat(client, mine, ada):
    def case():
        return client.get(reverse("desk:case", args=[mine.ticket.reference])).content.decode()

    assert url("chat", mine) in case()
    chats.end(mine, Chat.Side.AGENT, agent=ada)
    assert url("chat", mine) not in case()


def test_text_of_customers_is_text(client, mine):
    customer_says(mine, '<script>alert("x")</script>')
    for html in (page(client, "chat", mine), page(client, "chats")):
        assert "<script>alert" not in html


# What is done with it


def test_two_who_take_it_get_a_kind_sentence(client, chat, ben):
    client.post(url("take_chat", chat))
    client.force_login(ben)
    html = client.post(url("take_chat", chat), follow=True).content.decode()
    assert "Ada Ek has taken this chat." in html
    assert Chat.objects.get().agent_id != ben.pk


def test_who_takes_a_chat_over_hands_nothing_to_themself(client, mine, ben):
    client.force_login(ben)
    client.post(url("take_chat", mine), {"over": "1"})
    html = page(client, "chat", mine)
    assert "Ben Berg took the chat over" in html
    assert "handed the chat over" not in html


def test_handing_over_to_a_colleague_with_a_note(client, mine, ben):
    client.post(url("hand_over_chat", mine), {"to": f"agent-{ben.pk}", "note": "She is in a hurry."})
    mine.refresh_from_db()
    assert mine.agent == ben
    [offer] = chat_desk.now_for(ben).offers
    assert offer.handed_over_by == "Ada Ek"
    client.force_login(ben)
    html = page(client, "chat", mine)
    assert "She is in a hurry." in html
    assert "Where is my parcel?" in html
    assert chat_desk.now_for(ben).offers == []
    assert all("hurry" not in one["text"] for one in notices_of(mine))


def test_handing_over_to_a_team_finds_somebody_free(client, mine, ben):
    team = Team.objects.create(key="parcels", name="Parcels")
    html = client.post(url("hand_over_chat", mine), {"to": f"team-{team.pk}", "note": "Keep me"}).content.decode()
    assert "Nobody of Parcels is free now." in html
    assert "Keep me</textarea>" in html
    team.members.add(ben)
    client.post(url("hand_over_chat", mine), {"to": f"team-{team.pk}"})
    mine.refresh_from_db()
    assert mine.agent == ben


@pytest.mark.parametrize("to", ["", "agent-0", "team-99", "agent-x", "agent-999999999999999999"])
def test_handing_over_to_nobody_is_refused(client, mine, to):
    assert client.post(url("hand_over_chat", mine), {"to": to}).status_code == 422
    mine.refresh_from_db()
    assert mine.agent is not None


def test_nobody_is_given_a_chat_at_an_empty_desk(client, mine, ben):
    AgentAvailability.objects.filter(user=ben).update(seen_at=timezone.now() - timedelta(minutes=5))
    html = client.post(url("hand_over_chat", mine), {"to": f"agent-{ben.pk}"}).content.decode()
    assert "Ben Berg is not at the desk now." in html


def test_a_note_stands_in_the_conversation_for_agents_alone(client, mine):
    client.post(url("chat_note", mine), {"note": "Third time this month"})
    assert "Third time this month" in page(client, "chat", mine)
    assert all("Third time" not in one["text"] for one in notices_of(mine))
    assert client.post(url("chat_note", mine), {"note": ""}).status_code == 422


def test_ending_leaves_the_case_and_no_colleagues_chat_is_ended(client, mine, ben):
    client.force_login(ben)
    client.post(url("end_chat", mine))
    mine.refresh_from_db()
    assert mine.state == Chat.State.ACTIVE
    client.force_login(mine.agent)
    client.post(url("end_chat", mine))
    mine.refresh_from_db()
    assert (mine.state, Ticket.objects.get().status) == (Chat.State.ENDED, Ticket.Status.OPEN)


def test_solving_ends_the_chat_and_the_case(client, mine):
    client.post(url("chat_say", mine), {"body": "Tomorrow.", "key": "ada-00001"})
    assert client.post(url("solve_chat", mine), {"article": "", "seen": "2"}).status_code == 422
    client.post(url("solve_chat", mine), {"article": "none", "demand_type": "value", "seen": "2"})
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.resolution, ticket.demand_type) == (Ticket.Status.SOLVED, "no_article", "value")
    assert Chat.objects.get().state == Chat.State.ENDED


def test_nothing_is_solved_over_words_that_were_not_read(client, mine):
    customer_says(mine)
    html = client.post(url("solve_chat", mine), {"article": "none", "seen": "1"}).content.decode()
    assert "The customer has written since you opened this." in html
    assert Ticket.objects.get().status == Ticket.Status.OPEN
    assert Chat.objects.get().state == Chat.State.ACTIVE


def test_a_case_that_is_over_is_not_spoken_in(client, mine, ada):
    lifecycle.solve(mine.ticket, agent=ada, article=None)
    response = client.post(url("chat_say", mine), {"body": "One more", "key": "ada-00001"}, headers=JSON)
    assert response.json()["detail"] == "The case is over. Open it again to go on."


def test_the_rail_that_looks_by_itself_still_says_where_the_agent_is(client, ada):
    page = client.get(reverse("desk:chats")).content.decode()
    assert "elsewhere=desk:chats" in page
    rail = client.get(reverse("desk:rail"), {"elsewhere": "desk:chats"}).content.decode()
    assert rail.count("aria-current") == 1
    assert rail.index(reverse("desk:chats")) < rail.index("aria-current")
    assert "elsewhere=desk:chats" in rail
    listed = client.get(reverse("desk:list")).content.decode()
    assert "elsewhere=" not in listed
