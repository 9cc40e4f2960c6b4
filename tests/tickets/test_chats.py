"""Live chat, without sockets: how it begins, what is said, who takes it, how it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.people import ada, max_
from tickets.channels.chat import news
from tickets.errors import TicketError
from tickets.models import AgentAvailability, Channel, ChannelKind, Chat, Message, Ticket, TicketEvent
from tickets.services import chat_idle, chat_reading, chat_wishes, chats, lifecycle
from tickets.services.case_history import history_lines
from tickets.services.case_story import story_for_customer
from tickets.services.chat_lines import line, say, store
from tickets.services.chat_reading import lines_after
from tickets.services.chat_room import notices_of, state_in_words
from tickets.services.chat_wishes import wish

pytestmark = pytest.mark.django_db
CUSTOMER, AGENT = Chat.Side.CUSTOMER, Chat.Side.AGENT
Kind = TicketEvent.Kind


@pytest.fixture
def agent():
    """Ada, at the desk, and a chat channel that is open."""
    Channel.objects.update_or_create(kind=ChannelKind.CHAT, defaults={"promised_seconds": 120, "calendar": None})
    user = ada()
    AgentAvailability.objects.create(user=user, state=AgentAvailability.State.AVAILABLE)
    return user


def begin(**fields):
    values = {"body": "Where is my parcel?", "language": "en", "email": "cleo@example.com", "name": "Cleo Lind"}
    return chats.begin(**(values | fields))


def said(chat):
    return [(one.chat_seq, one.kind, one.body) for one in lines_after(chat)]


def kinds(chat):
    return [str(one) for one in chat.ticket.events.values_list("kind", flat=True)]


def test_a_chat_is_a_case_from_the_first_message_on(agent):
    chat = begin()
    assert (chat.state, chat.last_seq) == (Chat.State.WAITING, 1)
    assert said(chat) == [(1, Message.Kind.INBOUND, "Where is my parcel?")]
    assert chat.ticket.channel == ChannelKind.CHAT
    assert chat.ticket.customer.email == "cleo@example.com"
    assert not chat.ticket.outbox.exists()


def test_nobody_needs_an_address_to_chat(agent):
    one, other = begin(email="", name=""), begin(email="", name="")
    assert one.ticket.customer.email == ""
    assert one.ticket.customer != other.ticket.customer


def test_the_same_form_sent_twice_is_one_chat(agent):
    key = "k" * 32
    assert begin(client_key=key) == begin(client_key=key)
    assert begin(client_key=key, body="Something else") != begin(client_key=key)
    assert Ticket.objects.count() == 2


def test_lines_are_numbered_in_the_order_in_which_they_came(agent):
    chat = chats.accept(begin(), agent)
    say(chat, side=AGENT, body="Hello", client_key="agent-0001", author=agent)
    say(chat, side=CUSTOMER, body="Hi", client_key="cleo-00001")
    assert [(seq, body) for seq, _, body in said(chat)] == [(1, "Where is my parcel?"), (2, "Hello"), (3, "Hi")]
    assert said(chat)
    assert [one.chat_seq for one in lines_after(chat, 2)] == [3]


def test_a_line_sent_twice_is_one(agent):
    chat = begin()
    first = say(chat, side=CUSTOMER, body="Hi", client_key="cleo-00001")
    assert say(chat, side=CUSTOMER, body="Hi", client_key="cleo-00001") == first
    chat.refresh_from_db()
    assert chat.last_seq == 2


def test_many_chats_are_written_together(agent, django_assert_max_num_queries):
    pairs = [begin(email=f"c{n}@example.com") for n in range(20)]
    lines = [line(chat.pk, CUSTOMER, f"{n}", f"line-{n:04}") for chat in pairs for n in range(3)]
    with django_assert_max_num_queries(14):
        stored = store(lines)
    assert all(one.is_new for one in stored)
    for chat in pairs:
        assert [body for _, _, body in said(chat)] == ["Where is my parcel?", "0", "1", "2"]


def test_a_group_with_one_that_came_before_is_written_whole(agent):
    one, other = begin(), begin(email="sam@example.com")
    say(one, side=CUSTOMER, body="a", client_key="line-000a")
    stored = store(
        [
            line(one.pk, CUSTOMER, "a", "line-000a"),
            line(other.pk, CUSTOMER, "c", "line-000c"),
            line(one.pk, CUSTOMER, "b", "line-000b"),
            line(other.pk, CUSTOMER, "c", "line-000c"),
        ]
    )
    assert [one.is_new for one in stored] == [False, True, True, False]
    assert [(seq, body) for seq, _, body in said(one)[1:]] == [(2, "a"), (3, "b")]
    assert [(seq, body) for seq, _, body in said(other)[1:]] == [(2, "c")]


def test_who_waits_for_whom_is_right_while_it_goes_on(agent):
    chat = chats.accept(begin(), agent)
    say(chat, side=AGENT, body="Hello", client_key="agent-0001", author=agent)
    ticket = Ticket.objects.get()
    assert ticket.waiting_since is None
    assert ticket.first_response_at is not None
    say(chat, side=CUSTOMER, body="Hi", client_key="cleo-00001")
    ticket.refresh_from_db()
    assert ticket.waiting_since is not None
    assert ticket.status == Ticket.Status.OPEN


def test_lines_make_no_history(agent):
    chat = chats.accept(begin(), agent)
    before = len(kinds(chat))
    for n in range(5):
        say(chat, side=CUSTOMER, body=str(n), client_key=f"cleo-{n:05}")
        say(chat, side=AGENT, body=str(n), client_key=f"agent-{n:05}", author=agent)
    assert kinds(chat)[before:] == [Kind.REPLIED]


def test_only_one_agent_takes_a_chat(agent):
    chat = chats.accept(begin(), agent)
    assert chats.accept(chat, agent).agent == agent
    assert chat.ticket.__class__.objects.get().assignee == agent
    with pytest.raises(TicketError, match="Ada"):
        chats.accept(chat, max_())


def test_an_agent_answers_only_in_a_chat_that_somebody_has(agent):
    with pytest.raises(TicketError):
        say(begin(), side=AGENT, body="Hello", client_key="agent-0001", author=agent)


def test_a_chat_that_nobody_answers_goes_on_as_a_case(agent, commit):
    chat = begin()
    assert not chats.miss_if_due(chat)
    assert chats.miss_if_due(chat, at=timezone.now() + timedelta(seconds=121))
    chat.refresh_from_db()
    assert chat.state == Chat.State.MISSED
    letter = chat.ticket.outbox.get()
    assert "Where is my parcel?" in letter.body_text
    assert letter.recipient == "cleo@example.com"
    assert kinds(chat)[-1] == Kind.CHAT_MISSED


def test_where_nobody_is_at_the_desk_it_is_said_at_once(agent):
    AgentAvailability.objects.update(state=AgentAvailability.State.AWAY)
    assert begin().state == Chat.State.MISSED


def test_what_is_written_after_that_reaches_us(agent):
    chat = begin()
    chats.miss(chat)
    say(chat, side=CUSTOMER, body="Anybody?", client_key="cleo-00001")
    assert [(seq, body) for seq, _, body in said(chat)] == [(1, "Where is my parcel?"), (2, "Anybody?")]
    assert kinds(chat)[-1] == Kind.CUSTOMER_WROTE
    assert chats.accept(chat, agent).state == Chat.State.ACTIVE


def test_an_address_given_later_gets_the_letter(agent):
    chat = begin(email="", name="Cleo")
    chats.miss(chat)
    assert not chat.ticket.outbox.exists()
    chat_wishes.give_address(chat, "cleo@example.com")
    ticket = Ticket.objects.get()
    assert ticket.outbox.get().recipient == "cleo@example.com"
    assert ticket.customer.name == "Cleo"


def test_an_address_that_is_known_is_not_changed_from_a_window(agent):
    chat = begin()
    chat_wishes.give_address(chat, "thief@example.com")
    assert Ticket.objects.get().customer.email == "cleo@example.com"


def test_an_answer_by_e_mail_stands_in_the_chat_too(agent):
    chat = begin()
    chats.miss(chat)
    lifecycle.send_reply(chat.ticket, agent=agent, body="It comes tomorrow.")
    lifecycle.add_note(chat.ticket, agent=agent, body="A difficult one.")
    assert chat_reading.gather(chat.pk) == 1
    assert [body for _, _, body in said(chat)] == ["Where is my parcel?", "It comes tomorrow."]


def test_an_answer_that_can_be_taken_back_is_not_shown_yet(agent):
    chat = begin()
    lifecycle.send_reply(chat.ticket, agent=agent, body="Oops", hold=timedelta(seconds=10))
    assert chat_reading.gather(chat.pk) == 0
    assert chat_reading.gather(chat.pk, at=timezone.now() + timedelta(seconds=11)) == 1


def test_a_chat_that_ended_goes_on_when_the_customer_does(agent):
    chat = chats.accept(begin(), agent)
    say(chat, side=AGENT, body="Tomorrow.", client_key="agent-0001", author=agent)
    chats.end(chat, AGENT, agent=agent)
    assert Ticket.objects.get().status == Ticket.Status.WAITING_CUSTOMER
    say(chat, side=CUSTOMER, body="And when?", client_key="cleo-00001")
    chat.refresh_from_db()
    assert (chat.state, chat.agent, chat.last_seq) == (Chat.State.WAITING, None, 3)
    assert Ticket.objects.get().status == Ticket.Status.OPEN


def test_the_customer_says_that_it_is_solved(agent):
    chat = chats.accept(begin(), agent)
    chat_wishes.solved_by_customer(chat)
    assert Ticket.objects.get().status == Ticket.Status.CLOSED
    assert Chat.objects.get().ended_by == CUSTOMER


def test_a_colleague_goes_on_with_a_note_that_the_customer_never_sees(agent):
    chat = chats.accept(begin(), agent)
    other = max_()
    other.groups.set(agent.groups.all())
    chats.hand_over(chat, to=other, by=agent, note="She is angry.")
    chat.refresh_from_db()
    assert chat.agent == other
    assert Ticket.objects.get().assignee == other
    assert all("angry" not in one.body for one in lines_after(chat))


def test_a_missed_chat_that_was_answered_says_nothing_of_nobody(agent):
    chat = begin()
    chats.miss(chat)
    chat.refresh_from_db()
    assert "Nobody could answer" in state_in_words(chat)
    lifecycle.send_reply(chat.ticket, agent=agent, body="Here I am.", at=timezone.now() + timedelta(seconds=1))
    assert "We have answered" in state_in_words(Chat.objects.get())


def test_what_begins_anew_is_promised_what_a_new_chat_is(agent):
    chat = chats.accept(begin(), agent, at=timezone.now() - timedelta(hours=1))
    Chat.objects.update(begun_at=timezone.now() - timedelta(hours=1))
    chats.end(chat, CUSTOMER)
    say(chat, side=CUSTOMER, body="One thing more", client_key="cleo-00001")
    chat.refresh_from_db()
    assert chat.state == Chat.State.WAITING
    assert "within 2 minutes" in state_in_words(chat)


def test_a_chat_that_nobody_is_in_ends_with_a_line_about_it(agent):
    chat = chats.accept(begin(), agent)
    later = timezone.now() + timedelta(minutes=16)
    Chat.objects.update(customer_seen_at=later)
    assert chat_idle.end_idle(at=later) == 0
    Chat.objects.update(customer_seen_at=chat.begun_at)
    assert chat_idle.end_idle(at=later) == 1
    chat.refresh_from_db()
    assert (chat.state, chat.ended_by) == (Chat.State.ENDED, Chat.Side.SYSTEM)
    assert "nothing was written" in notices_of(chat)[-1]["text"]
    assert chat_idle.end_idle(at=later) == 0


def test_a_customer_who_is_there_and_waits_is_not_left(agent):
    chats.accept(begin(), agent)
    later = timezone.now() + timedelta(minutes=90)
    Chat.objects.update(customer_seen_at=later)
    assert chat_idle.end_idle(at=later) == 0


def test_what_was_answered_after_they_left_goes_by_e_mail_once(agent):
    chat = chats.accept(begin(), agent)
    say(chat, side=AGENT, body="It comes tomorrow.", client_key="agent-0001", author=agent)
    say(chat, side=AGENT, body="Before noon.", client_key="agent-0002", author=agent)
    assert chat_idle.send_unseen(at=timezone.now() + timedelta(seconds=80)) == 0
    later = timezone.now() + timedelta(minutes=2)
    assert chat_idle.send_unseen(at=later) == 1
    assert chat_idle.send_unseen(at=later) == 0
    letter = chat.ticket.outbox.get()
    assert "It comes tomorrow." in letter.body_text
    assert "Before noon." in letter.body_text
    assert "Where is my parcel?" not in letter.body_text


def test_what_they_have_seen_is_not_sent(agent):
    chat = chats.accept(begin(), agent)
    say(chat, side=AGENT, body="It comes tomorrow.", client_key="agent-0001", author=agent)
    chat_reading.mark_seen({chat.pk: {str(CUSTOMER): 2}})
    assert chat_idle.send_unseen(at=timezone.now() + timedelta(minutes=2)) == 0


def test_all_that_was_said_goes_by_e_mail_when_they_ask(agent):
    chat = chats.accept(begin(body="See http://example.com/evil"), agent)
    say(chat, side=AGENT, body="It comes tomorrow.", client_key="agent-0001", author=agent)
    assert wish(chat.pk, "transcript", "", "en") == ""
    letter = chat.ticket.outbox.get()
    assert "It comes tomorrow." in letter.body_text
    assert "evil" not in letter.body_text + letter.body_html


def test_the_history_tells_both_sides_of_the_chat(agent):
    chat = chats.accept(begin(), agent)
    chats.end(chat, AGENT, agent=agent)
    told = [one.text for one in history_lines(list(chat.ticket.events.all()))]
    assert "The customer began a chat" in told
    assert "Ada Ek ended the chat" in told
    shown = [one.text for one in story_for_customer(Ticket.objects.get()).history]
    assert "Ada came into the chat" in shown


def test_a_channel_layer_that_is_away_costs_nobody_their_chat(agent, commit, settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    host = {"address": settings.REDIS_URL, "socket_timeout": 1}
    settings.CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [host]}}
    }
    monkeypatch.setattr(news, "_loop", None)
    with commit():
        chat = begin()
    assert chat.state == Chat.State.WAITING
