"""Live chat as pages: where it begins, the room without JavaScript, and the API for windows in other sites."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.factories import TopicFactory
from tests.people import ada, cleo
from tickets.models import AgentAvailability, Attachment, Channel, ChannelKind, Chat, Message, Ticket
from tickets.services import chats, lifecycle
from tickets.services.chat_keys import chat_key, room_path
from tickets.services.links import case_path

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
BEGIN = "/en/chat/"


@pytest.fixture
def agent():
    Channel.objects.update_or_create(kind=ChannelKind.CHAT, defaults={"promised_seconds": 120, "calendar": None})
    user = ada()
    AgentAvailability.objects.create(user=user, state=AgentAvailability.State.AVAILABLE)
    return user


@pytest.fixture
def chat(agent):
    return chats.begin(body="Where is my parcel?", language="en", email="cleo@example.com", name="Cleo")


def shown(response):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def test_a_chat_begins_with_a_message_and_nothing_else(client, agent):
    assert "Somebody is here now" in shown(client.get(BEGIN))
    assert "Then the answer reaches you" not in shown(client.get(BEGIN))
    answer = client.post(BEGIN, {"message": "Where is my parcel?"})
    chat = Chat.objects.get()
    assert answer.status_code == 302
    assert str(chat.pk) in answer.url
    assert "Where is my parcel?" in shown(client.get(answer.url))
    assert chat.ticket.origin in client.cookies["svar_journey"].value


def test_it_says_so_where_nobody_is_there(client, agent):
    AgentAvailability.objects.all().delete()
    begin = shown(client.get(BEGIN))
    assert "Nobody is at the chat just now" in begin
    assert "Then the answer reaches you even when you have left." in begin
    room = client.post(BEGIN, {"message": "Where is my parcel?", "email": "cleo@example.com"}, follow=True)
    assert "Your answer comes by e-mail" in shown(room)
    assert Ticket.objects.get().outbox.count() == 1


def test_a_topic_and_what_somebody_has_searched_for_come_along(client, agent):
    TopicFactory(slug="returns", names={"en": "Returns"})
    page = shown(client.get(BEGIN, {"q": "my refund", "topic": "returns"}))
    assert "my refund" in page
    client.post(BEGIN, {"message": "x", "topic": "returns"})
    assert Ticket.objects.get().topic.slug == "returns"


def test_what_cannot_be_taken_comes_back_with_all_that_was_written(client, agent):
    answer = client.post(BEGIN, {"message": "Hello", "email": "no address", "name": "Cleo"})
    assert answer.status_code == 422
    assert 'value="Cleo"' in answer.content.decode()
    assert not Chat.objects.exists()


def test_a_customer_who_has_logged_in_need_not_write_who_they_are(client, chat):
    client.force_login(cleo())
    assert 'value="cleo@example.com"' in client.get(BEGIN).content.decode()


def test_the_room_works_by_ordinary_requests(client, chat, agent):
    chats.accept(chat, agent)
    room = room_path(chat, "en")
    sent = client.post(room, {"message": "And when?", "nonce": "n1", "attachments": SimpleUploadedFile("a.png", PNG)})
    assert sent.status_code == 302
    # The button pressed twice.
    client.post(room, {"message": "And when?", "nonce": "n1", "attachments": SimpleUploadedFile("a.png", PNG)})
    chats.say(chat, side=Chat.Side.AGENT, body="Tomorrow.", client_key="agent-0001", author=agent)
    page = shown(client.get(room))
    assert page.index("Ada is here.") < page.index("And when?") < page.index("Tomorrow.")
    assert page.count("And when?") == 1
    assert Attachment.objects.count() == 1
    assert Chat.objects.get().seen_by_customer == 3


def test_a_link_that_an_agent_sends_is_one_on_the_plain_page_too(client, chat, agent):
    chats.accept(chat, agent)
    for side, author in ((Chat.Side.AGENT, agent), (Chat.Side.CUSTOMER, None)):
        chats.say(chat, side=side, body=f"See https://{side}.example/ <b>", client_key=f"{side}-0001", author=author)
    page = client.get(room_path(chat, "en")).content.decode()
    assert '<a href="https://agent.example/"' in page
    assert '<a href="https://customer.example/"' not in page
    assert "&lt;b&gt;" in page


def test_the_page_looks_by_itself_only_where_nothing_is_being_written(client, chat):
    room = room_path(chat, "en")
    assert 'http-equiv="refresh"' not in client.get(room).content.decode()
    watching = client.get(f"{room}&watch=1").content.decode()
    assert 'http-equiv="refresh"' in watching
    assert "<textarea" not in watching


def test_an_address_the_end_and_the_text_by_e_mail_without_javascript(client, agent):
    chat = chats.begin(body="Hello?", language="en")
    room = room_path(chat, "en")
    assert "name@example.com" in shown(client.post(room, {"what": "email", "text": "nonsense"}))
    client.post(room, {"what": "email", "text": "cleo@example.com"})
    client.post(room, {"what": "end"})
    assert "Was this solved?" in shown(client.get(room))
    client.post(room, {"what": "transcript"})
    assert Ticket.objects.get().outbox.get().recipient == "cleo@example.com"
    client.post(room, {"what": "solved"})
    assert Ticket.objects.get().status == Ticket.Status.CLOSED


def test_the_case_page_leads_back_while_the_chat_goes_on(client, chat):
    page = client.get(case_path(chat.ticket, "en")).content.decode()
    assert f"/en/chat/{chat.pk}/?key=" in page
    chats.end(chat, Chat.Side.CUSTOMER)
    assert f"/en/chat/{chat.pk}/" not in client.get(case_path(chat.ticket, "en")).content.decode()


def test_notes_never_reach_the_room(client, chat, agent):
    lifecycle.add_note(chat.ticket, agent=agent, body="She is angry.")
    assert "angry" not in client.get(room_path(chat, "en")).content.decode()
    found = client.get(f"/api/v1/chats/{chat.pk}/", headers={"Chat-Key": chat_key(chat)})
    assert "angry" not in found.content.decode()


def test_a_wrong_key_opens_nothing_and_gives_back_what_was_written(client, chat, agent):
    other = chats.begin(body="Something private", language="en")
    for key in ("", "x", chat_key(other), chat_key(chat)[:-1]):
        address = reverse("chat_room", args=[chat.pk])
        answer = client.post(address, {"key": key, "message": "My long story"})
        assert answer.status_code == 404
        assert "My long story" in shown(answer)
        assert "parcel" not in shown(answer)
    assert Message.objects.filter(chat=chat).count() == 1


def test_an_agent_has_no_key_by_being_one(client, chat, agent):
    client.force_login(agent)
    assert client.get(reverse("chat_room", args=[chat.pk])).status_code == 404


def test_links_that_were_made_invalid_open_no_chat_either(client, chat, agent):
    room = room_path(chat, "en")
    Ticket.objects.update(link_version=2)
    assert client.get(room).status_code == 404


# --- The API -------------------------------------------------------------------------------------


def post(client, path, body, **headers):
    return client.post(path, json.dumps(body), content_type="application/json", headers=headers)


def test_a_window_in_another_site_begins_reads_and_says(client, agent):
    asked = {"message": "Hello?", "lang": "sv", "key": "k" * 32, "place": "shop.example"}
    answer = post(client, "/api/v1/chats/", asked)
    assert answer.status_code == 201
    assert post(client, "/api/v1/chats/", asked).json()["id"] == answer.json()["id"]
    begun = answer.json()
    assert begun["socket"] == f"ws://testserver/ws/chat/{begun['id']}/"
    assert Chat.objects.get().place == "shop.example"
    address, headers = f"/api/v1/chats/{begun['id']}/", {"Chat-Key": begun["key"]}
    said = post(client, f"{address}messages/", {"key": "line-0001", "body": "Here I am"}, **headers)
    assert said.json()["seq"] == 2
    room = client.get(address, {"after": 1, "seen": 1}, headers=headers).json()
    assert [line["body"] for line in room["lines"]] == ["Here I am"]
    assert client.get(address, {"lang": "sv"}, headers=headers).json()["state"]["case"].startswith("/sv/")
    assert "agent" not in room["lines"][0]
    assert Chat.objects.get().seen_by_customer == 1
    assert client.get(address.replace("/api/v1/chats/", "/api/v1/chats/")).status_code == 404


def test_files_come_by_the_api_and_bad_ones_are_named(client, chat):
    address, headers = f"/api/v1/chats/{chat.pk}/messages/", {"Chat-Key": chat_key(chat)}
    good = {"key": "line-0001", "files": [SimpleUploadedFile("a.png", PNG), SimpleUploadedFile("b.png", PNG)]}
    said = client.post(address, good, headers=headers).json()
    assert [file["name"] for file in said["files"]] == ["a.png", "b.png"]
    assert said["body"] == "a.png, b.png"
    bad = client.post(address, {"key": "line-0002", "files": SimpleUploadedFile("x.exe", b"MZ")}, headers=headers)
    assert bad.status_code == 400
    assert "x.exe" in bad.json()["detail"]
    assert Message.objects.filter(chat=chat).count() == 2


def test_wishes_by_the_api(client, chat):
    address, headers = f"/api/v1/chats/{chat.pk}/wishes/", {"Chat-Key": chat_key(chat)}
    assert post(client, address, {"what": "transcript"}, **headers).json() == {"error": ""}
    assert post(client, address, {"what": "end"}, **headers).status_code == 200
    assert Chat.objects.get().state == Chat.State.ENDED
    assert post(client, address, {"what": "end"}, **{"Chat-Key": "x"}).status_code == 404
