"""Live chat over real sockets: whatever happens to them, each line is there once and in order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.people import ada
from tests.processes import until
from tests.tickets.live_server import ChatWindow, FileDatabase, LiveServer, use_fresh_threads
from tickets.channels.chat import customer, news, rooms
from tickets.models import AgentAvailability, Channel, ChannelKind, Chat, Message
from tickets.services import chat_upkeep, chats, lifecycle
from tickets.services.chat_keys import CHAT_KEY_DAYS, chat_key

pytestmark = pytest.mark.django_db(transaction=True)
CUSTOMER, AGENT = Chat.Side.CUSTOMER, Chat.Side.AGENT


@pytest.fixture
def server(transactional_db, tmp_path, monkeypatch):
    use_fresh_threads(monkeypatch)
    with FileDatabase(tmp_path):
        server = LiveServer()
        server.start()
        yield server
        server.stop()


@pytest.fixture
def agent(server):
    Channel.objects.update_or_create(kind=ChannelKind.CHAT, defaults={"promised_seconds": 120, "calendar": None})
    user = ada()
    AgentAvailability.objects.create(user=user, state=AgentAvailability.State.AVAILABLE)
    return user


@pytest.fixture
def chat(agent):
    begun = chats.begin(body="Hello?", language="en", email="cleo@example.com", name="Cleo")
    return chats.accept(begun, agent)


def in_database(chat):
    return list(chat.messages.order_by("chat_seq").values_list("body", flat=True))


def test_two_windows_have_the_same_lines_in_the_same_order(server, chat):
    one, other = ChatWindow(server, chat), ChatWindow(server, chat)
    for window in (one, other):
        window.frame("room")
    for number in range(5):
        one.say(f"one {number}", f"one-line-{number}")
        other.say(f"other {number}", f"other-line-{number}")
    assert one.until(11) == other.until(11) == in_database(chat)
    assert [body for body in one.until(11) if body.startswith("one")] == [f"one {number}" for number in range(5)]
    assert [line["key"] for line in one.lines if line["body"] == "one 3"] == ["one-line-3"]


def test_a_line_that_is_sent_again_is_there_once(server, chat):
    window = ChatWindow(server, chat)
    window.say("Only once", "line-0001")
    window.until(2)
    window.say("Only once", "line-0001")
    assert window.frame("ack") == {"type": "ack", "key": "line-0001", "seq": 2}
    assert in_database(chat) == ["Hello?", "Only once"]


def test_a_window_that_broke_off_gets_what_it_missed(server, chat, agent):
    window = ChatWindow(server, chat)
    window.say("Before", "line-0001")
    window.until(2)
    window.break_off()
    chats.say(chat, side=AGENT, body="Are you there?", client_key="agent-0001", author=agent)
    again = ChatWindow(server, chat, after=2)
    assert again.until(3) == ["Are you there?"]
    again.say("Back", "line-0002")
    assert again.until(4) == ["Are you there?", "Back"]


def test_a_restart_of_the_server_loses_and_doubles_nothing(server, chat):
    window = ChatWindow(server, chat)
    window.say("Before", "line-0001")
    # Sent, and nobody knows whether it arrived.
    window.say("In between", "line-0002")
    server.stop()
    server.start()
    again = ChatWindow(server, chat)
    again.frame("room")
    again.say("In between", "line-0002")
    again.say("After", "line-0003")
    assert again.until(4) == ["Hello?", "Before", "In between", "After"] == in_database(chat)


def test_what_another_process_writes_comes_too(server, chat, agent, monkeypatch):
    window = ChatWindow(server, chat)
    window.frame("room")
    # Without Redis another process, such as the worker, reaches no window of this one.
    monkeypatch.setattr(news, "tell", lambda *_: None)
    lifecycle.add_note(chat.ticket, agent=agent, body="She is angry.")
    lifecycle.send_reply(chat.ticket, agent=agent, body="By e-mail", channel=ChannelKind.EMAIL)
    chats.say(chat, side=AGENT, body="By chat", client_key="agent-0001", author=agent)
    assert sorted(window.until(3)[1:]) == ["By chat", "By e-mail"]


def test_a_message_that_was_deleted_is_not_waited_for(server, chat):
    window = ChatWindow(server, chat)
    window.say("A secret", "line-0001")
    window.until(2)
    Message.objects.filter(body="A secret").delete()
    again = ChatWindow(server, chat)
    again.frame("room")
    again.say("After", "line-0002")
    assert again.frame("lines")["lines"][0]["seq"] == 3


def test_nobody_answers_and_nothing_is_lost(server, agent):
    chat = chats.begin(body="Hello?", language="en", email="")
    window = ChatWindow(server, chat)
    assert window.frame("room")["state"]["state"] == "waiting"
    chat_upkeep.sweep(at=timezone.now() + timedelta(seconds=121))
    while window.state["state"] != "missed":
        window.frame("news")
    assert "Nobody could answer in time" in window.notices[-1]
    assert not window.state["has_address"]
    window.send(type="email", text="cleo@example.com")
    assert window.frame("done") == {"type": "done", "what": "email", "error": ""}
    window.say("I am still here", "line-0001")
    assert window.until(2) == ["Hello?", "I am still here"]
    assert "Hello?" in chat.ticket.outbox.get().body_text


def test_how_far_the_customer_has_read_is_kept_and_never_goes_back(server, chat):
    window = ChatWindow(server, chat)
    window.say("x", "line-0001")
    window.until(2)
    for seq in (2, 1, 99, -1, "2"):
        window.send(type="seen", seq=seq)
    until(lambda: Chat.objects.get().seen_by_customer == 2, seconds=10, what="the note")


def test_the_customer_sees_that_we_write_and_have_read(server, chat, agent):
    window = ChatWindow(server, chat)
    window.frame("room")
    told = {"chat": str(chat.pk), "side": str(AGENT)}
    server.tell(news.group_of(chat.pk), {"type": "chat.typing", "who": "Ada", "agent": agent.pk, **told})
    assert window.frame("typing") == {"type": "typing", "who": "Ada"}
    server.tell(news.group_of(chat.pk), {"type": "chat.seen", "seq": 1, **told})
    assert window.frame("seen") == {"type": "seen", "seq": 1}


def test_whoever_writes_too_fast_is_asked_to_wait(server, chat):
    window = ChatWindow(server, chat)
    window.frame("room")
    for number in range(15):
        window.say(str(number), f"line-{number:04}")
    waits = window.frame("wait")
    assert waits["key"] >= "line-0012"
    assert waits["seconds"] > 0


def test_what_cannot_be_taken_is_said_so_and_the_window_goes_on(server, chat):
    window = ChatWindow(server, chat)
    window.frame("room")
    window.say("   ", "line-0001")
    assert window.frame("refused")["key"] == "line-0001"
    window.say("x" * 20_001, "line-0002")
    assert "20000" in window.frame("refused")["text"]
    window.say("Well then", "line-0003")
    assert window.until(2)[-1] == "Well then"


def test_what_is_no_frame_ends_the_socket(server, chat):
    for frame in ("[]", "no json", '{"type": 7}', "[" * 50_000, '{"type": "say", "key": 1, "body": 2}'):
        window = ChatWindow(server, chat)
        window.frame("room")
        window._socket.send(frame)
        assert window.closed_with() == 4400


def test_a_key_opens_its_own_chat_and_no_other(server, chat):
    other = chats.begin(body="Mine", language="en", email="sam@example.com")
    assert ChatWindow(server, chat, key=chat_key(other)).closed_with() == 4401
    assert ChatWindow(server, chat, key="").closed_with() == 4401


def test_a_key_ends(server, chat, monkeypatch):
    with monkeypatch.context() as then:
        days = timedelta(days=CHAT_KEY_DAYS, minutes=1).total_seconds()
        now = timezone.now().timestamp()
        then.setattr("django.core.signing.time.time", lambda: now - days)
        old = chat_key(chat)
    assert ChatWindow(server, chat, key=old).closed_with() == 4401


def test_nothing_is_said_before_the_key_is_shown(server, chat):
    with connect(f"ws://127.0.0.1:{server.port}/ws/chat/{chat.pk}/") as socket:
        socket.send('{"type": "say", "key": "line-0001", "body": "x"}')
        with pytest.raises(Exception, match="4401"):
            socket.recv(timeout=10)
    assert Message.objects.filter(chat=chat).count() == 1


def test_a_window_in_another_site_opens_with_its_key(server, chat):
    window = ChatWindow(server, chat, origin="https://shop.example")
    assert window.frame("room")["lines"][0]["body"] == "Hello?"


def test_no_other_socket_opens_from_another_site(server):
    for path in ("/ws/desk/", "/ws/", "/"):
        with pytest.raises(InvalidStatus):
            connect(f"ws://127.0.0.1:{server.port}{path}", origin="https://shop.example", legacy=True)


def test_one_address_opens_so_many_and_others_when_one_has_gone(server, chat, settings):
    settings.RATELIMIT_ENABLE, settings.CHAT_SOCKETS_PER_ADDRESS = True, 2
    one, other = ChatWindow(server, chat), ChatWindow(server, chat)
    for window in (one, other):
        window.frame("room")
    with pytest.raises(InvalidStatus, match="403"):
        ChatWindow(server, chat)
    one.close()

    def opens():
        try:
            return ChatWindow(server, chat).frame("room")
        except InvalidStatus:
            return None

    until(opens, seconds=10, what="the place of the one that has gone")


def test_a_window_in_which_an_error_came_up_is_nobody_who_is_there(server, chat, monkeypatch):
    """Left standing it would be looked after for ever, and its customer pass for one who reads along."""

    def broken(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr(customer, "wish", broken)
    window = ChatWindow(server, chat)
    window.frame("room")
    standing = next(iter(rooms._rooms.values()))
    assert chat.pk in standing._open
    window.send(type="end")
    window.closed_with()
    until(lambda: chat.pk not in standing._open, seconds=5, what="the window's leaving")


def test_a_name_that_nobody_can_write_back_is_refused(server, chat):
    window = ChatWindow(server, chat)
    window.frame("room")
    window.say("Hello", "a\ud800aaaaaaa")
    assert window.closed_with() == 4400
