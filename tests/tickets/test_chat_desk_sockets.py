"""The desk's sockets over the real server: who may open one, what an agent hears, and who speaks."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.factories import UserFactory
from tests.people import ada, cleo, sam
from tests.processes import until
from tests.tickets.live_server import ChatWindow, FileDatabase, LiveServer, use_fresh_threads
from tickets.channels.chat import agent as desk_sockets
from tickets.channels.chat import rooms
from tickets.models import AgentAvailability, Channel, ChannelKind, Chat
from tickets.services import availability, chat_agents, chat_desk, chats

pytestmark = pytest.mark.django_db(transaction=True)
State = AgentAvailability.State


@pytest.fixture
def server(transactional_db, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["127.0.0.1", "testserver"])
    use_fresh_threads(monkeypatch)
    monkeypatch.setattr(desk_sockets, "LOOK_EVERY_SECONDS", 0.2)
    monkeypatch.setattr(desk_sockets, "CHECK_EVERY_SECONDS", 0.2)
    # Sessions are read in a thread that would keep its connection, which belongs to the database of one test.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    with FileDatabase(tmp_path):
        server = LiveServer()
        server.start()
        yield server
        server.stop()


@pytest.fixture
def agent(server):
    Channel.objects.update_or_create(kind=ChannelKind.CHAT, defaults={"promised_seconds": 120, "calendar": None})
    return ada()


@pytest.fixture
def colleague(server):
    return UserFactory(email="ben@example.com", name="Ben Berg", display_name="Ben", roles=["agent"])


def session_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def begin():
    return chats.begin(body="Hello?", language="en", email="cleo@example.com", name="Cleo")


class DeskSocket(ChatWindow):
    """A socket of the desk, opened with a session's cookie from a page of `origin`."""

    def __init__(self, server, path, client=None, *, origin="", after=None):
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value if client else "none"
        self._socket = connect(
            f"ws://127.0.0.1:{server.port}/ws/desk/{path}",
            origin=origin or server.url,
            additional_headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"},
        )
        self.lines, self.state, self.notices = [], {}, []
        if after is not None:
            self.send(type="hello", key="", after=after)


def window(server, chat, client, after=0):
    return DeskSocket(server, f"chats/{chat.pk}/?lang=en", client, after=after)


def test_only_agents_open_a_socket_of_the_desk_and_only_from_our_pages(server, agent):
    availability.set_state(agent, State.AVAILABLE)
    chat = begin()
    strangers = (None, session_of(sam()), session_of(cleo()))
    for path in ("chats/", f"chats/{chat.pk}/"):
        for client in strangers:
            with pytest.raises(InvalidStatus):
                DeskSocket(server, path, client)
        with pytest.raises(InvalidStatus):
            DeskSocket(server, path, session_of(agent), origin="https://evil.example")
    DeskSocket(server, "chats/", session_of(agent)).close()


def test_both_sides_talk_and_each_line_is_there_once(server, agent):
    client = session_of(agent)
    availability.set_state(agent, State.AVAILABLE)
    chat = chats.accept(begin(), agent)
    ours, theirs = window(server, chat, client), ChatWindow(server, chat)
    assert ours.frame("room")["state"]["is_mine"]
    theirs.frame("room")
    ours.say("Hi Cleo", "ada-000001")
    theirs.until(2)
    theirs.say("Hi Ada", "cleo-00001")
    assert ours.until(3) == theirs.until(3) == ["Hello?", "Hi Cleo", "Hi Ada"]
    theirs.send(type="typing")
    assert ours.frame("typing")["type"] == "typing"
    ours.send(type="typing")
    assert theirs.frame("typing")["who"] == "Ada"
    ours.send(type="seen", seq=3)
    until(lambda: Chat.objects.get().seen_by_agent == 3, seconds=10, what="the note")
    ours.break_off()
    theirs.say("Still there?", "cleo-00002")
    theirs.until(4)
    again = window(server, chat, client, after=3)
    again.say("Hi Cleo", "ada-000001")
    assert again.frame("ack") == {"type": "ack", "key": "ada-000001", "seq": 2}
    assert again.until(4) == ["Still there?"]


def test_a_colleague_hears_all_and_says_nothing_until_they_take_over(server, agent, colleague):
    first, second = session_of(agent), session_of(colleague)
    availability.set_state(agent, State.AVAILABLE)
    chat = chats.accept(begin(), agent)
    ours, beside = window(server, chat, first), window(server, chat, second)
    assert not beside.frame("room")["state"]["is_mine"]
    beside.say("Let me", "ben-000001")
    assert "Ada Ek has this chat now" in beside.frame("refused")["text"]
    chat_agents.take_over(chat, colleague)
    while not beside.state["is_mine"]:
        beside.frame("news")
    while ours.state.get("is_mine", True):
        ours.frame("room", "news")
    ours.say("Too late", "ada-000001")
    assert "Ben Berg has this chat now" in ours.frame("refused")["text"]
    beside.say("Let me", "ben-000002")
    assert beside.until(2)[-1] == "Let me"


def test_an_open_page_keeps_the_agent_there_and_hears_of_an_offer(server, agent):
    client = session_of(agent)
    availability.set_state(agent, State.AVAILABLE)
    before = AgentAvailability.objects.get().seen_at
    watch = DeskSocket(server, "chats/", client)
    until(lambda: AgentAvailability.objects.get().seen_at > before, seconds=10, what="the sign of life")
    chat = begin()
    watch.frame("news")
    until(lambda: chat.offers.unanswered().filter(user=agent).exists(), seconds=10, what="the offer")


def test_what_the_agent_has_before_them_counts_as_read_at_once(server, agent, monkeypatch):
    """Otherwise every page of theirs tells of something new for a while, the very page with the chat too."""
    monkeypatch.setattr(rooms, "LOOK_EVERY_SECONDS", 3600)
    chat = chats.accept(begin(), agent)
    open_window = window(server, chat, session_of(agent))
    open_window.frame("room")
    open_window.send(type="seen", seq=1)
    until(lambda: chat_desk.now_for(agent).unread == 0, seconds=10, what="the note")


def test_whoever_logs_out_elsewhere_hears_nothing_more(server, agent):
    client = session_of(agent)
    availability.set_state(agent, State.AVAILABLE)
    chat = chats.accept(begin(), agent)
    watch, ours = DeskSocket(server, "chats/", client), window(server, chat, client)
    ours.frame("room")
    client.logout()
    assert watch.closed_with() == ours.closed_with() == 4401
    assert AgentAvailability.objects.get().state == State.AWAY


def test_whoever_loses_the_right_is_out(server, agent):
    watch = DeskSocket(server, "chats/", session_of(agent))
    agent.groups.clear()
    assert watch.closed_with() == 4401
