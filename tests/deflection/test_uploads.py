"""Files sent ahead of a message: the rules of tus, nobody else's eyes, sent exactly once, nothing left behind."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from deflection.models import Upload, UploadPart
from deflection.services import uploads
from tests.factories import TopicFactory
from tickets.models import Attachment, CustomField, Ticket

pytestmark = pytest.mark.django_db
PAGE = "/en/contact/"
URL = "/en/contact/uploads/"
TUS = {"Tus-Resumable": "1.0.0"}
TEXT = b"Paid in full, on Monday."
STORY = "I sent a jacket back two weeks ago and still have no refund."


@pytest.fixture
def stored():
    """The names of what has been stored since the test began."""

    def names():
        folder = Path(storages["attachments"].base_location)
        return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}

    before = names()
    return lambda: names() - before


def begin(client, size=None, name="receipt.txt", **headers):
    size = len(TEXT) if size is None else size
    metadata = f"filename {base64.b64encode(name.encode()).decode()},other"
    return client.post(URL, headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata, **headers})


def patch(client, address, offset, content, **headers):
    return client.patch(
        address,
        content,
        content_type=headers.pop("content_type", "application/offset+octet-stream"),
        headers={**TUS, "Upload-Offset": str(offset), **headers},
    )


def send(client, tokens=(), **fields):
    values = {"message": STORY, "email": "cleo@example.com", "key": "k1", "uploads": list(tokens), **fields}
    return client.post(PAGE, values)


def whole(client, content=TEXT, name="receipt.txt"):
    """The token of a file that has arrived whole."""
    begun = begin(client, len(content), name)
    assert patch(client, begun["Location"], 0, content).status_code == 204
    return begun.json()["token"]


def test_in_parts_with_the_offset_told_in_between(client):
    begun = begin(client)
    assert begun.status_code == 201
    address = begun["Location"]
    assert patch(client, address, 0, TEXT[:10])["Upload-Offset"] == "10"
    asked = client.head(address, headers=TUS)
    assert (asked["Upload-Offset"], asked["Upload-Length"]) == ("10", str(len(TEXT)))
    assert "no-store" in asked["Cache-Control"]
    assert patch(client, address, 0, TEXT[:10]).status_code == 409
    assert patch(client, address, 11, TEXT[11:]).status_code == 409
    assert patch(client, address, 10, TEXT[10:] + b"more").status_code == 413
    done = patch(client, address, 10, TEXT[10:])
    assert (done.status_code, done["Upload-Offset"], done["Tus-Resumable"]) == (204, str(len(TEXT)), "1.0.0")
    upload = Upload.objects.get()
    assert upload.file.read() == TEXT
    assert not UploadPart.objects.exists()


def test_what_this_server_can_do(client):
    told = client.options(URL)
    assert (told.status_code, told["Tus-Version"], told["Tus-Extension"]) == (204, "1.0.0", "creation,termination")
    assert int(told["Tus-Max-Size"]) > 0
    assert client.post(URL, headers={"Tus-Resumable": "0.2.2"}).status_code == 412
    address = begin(client)["Location"]
    assert client.head(address).status_code == 412
    assert client.get(address, headers=TUS).status_code == 405
    assert client.get(URL, headers=TUS).status_code == 405
    assert patch(client, address, 0, TEXT, content_type="text/plain").status_code == 415
    assert patch(client, address, "x", TEXT).status_code == 400
    assert begin(client, "many").status_code == 400
    assert client.post(address, headers={**TUS, "X-HTTP-Method-Override": "HEAD"})["Upload-Offset"] == "0"


@pytest.mark.parametrize(
    ("size", "name", "status"),
    [(0, "a.txt", 422), (10**9, "a.txt", 413), (5, "a.exe", 422), (5, "", 422)],
)
def test_what_cannot_be_taken_is_said_before_it_is_sent(client, size, name, status):
    refused = begin(client, size, name)
    assert refused.status_code == status
    assert refused.json()["detail"]
    assert not Upload.objects.exists()


def test_what_is_not_what_its_name_says_is_refused_when_it_is_whole(client, stored, commit):
    address = begin(client, 4, "virus.png")["Location"]
    with commit():
        refused = patch(client, address, 0, b"MZ00")
    assert refused.status_code == 422
    assert "virus.png" in refused.json()["detail"]
    assert client.head(address, headers=TUS).status_code == 404
    assert stored() == set()


def test_five_files_and_no_more(client):
    for _ in range(5):
        assert begin(client).status_code == 201
    assert begin(client).status_code == 422


def test_nobody_else_reads_adds_to_or_deletes_it(client):
    address = begin(client)["Location"]
    stranger = Client()
    stranger.get(PAGE)
    for person in (stranger, Client()):
        assert person.head(address, headers=TUS).status_code == 404
        assert patch(person, address, 0, TEXT).status_code == 404
        assert person.delete(address, headers=TUS).status_code == 404
    assert "receipt.txt" not in stranger.get(PAGE).content.decode()
    assert Upload.objects.get().offset == 0


def test_it_goes_with_the_case_exactly_once(client, stored, commit):
    with commit():
        token = whole(client)
    page = client.get(PAGE).content.decode()
    assert token in page
    for _ in range(2):
        with commit():
            assert send(client, [token]).status_code == 302
    attachment = Attachment.objects.get()
    assert (attachment.name, attachment.file.read()) == ("receipt.txt", TEXT)
    assert Ticket.objects.get().messages.count() == 1
    assert len(stored()) == 1
    assert token not in client.get(PAGE).content.decode()


def test_it_goes_along_when_the_visits_cookie_is_lost(client):
    token = whole(client)
    client.cookies.clear()
    assert send(client, [token]).status_code == 302
    assert Attachment.objects.count() == 1


def test_a_token_cannot_be_made_up(client):
    whole(client)
    response = send(client, [f"{Upload.objects.get().pk}:AAAA"])
    assert response.status_code == 422
    assert "is not here any more" in response.content.decode()
    assert STORY in response.content.decode()


def test_ahead_and_with_the_form_together_are_five_at_most(client):
    tokens = [whole(client, name=f"{number}.txt") for number in range(4)]
    files = [SimpleUploadedFile(f"x{number}.txt", TEXT) for number in range(2)]
    assert send(client, tokens, attachments=files).status_code == 422
    client.post(PAGE, {"remove_upload": tokens[0]})
    page = client.get(PAGE).content.decode()
    assert tokens[0] not in page
    assert tokens[1] in page


def test_an_error_keeps_the_files_of_a_form_without_a_script(client):
    files = [SimpleUploadedFile("receipt.txt", TEXT), SimpleUploadedFile("virus.png", b"MZ")]
    response = send(client, email="cleo@", attachments=files)
    assert response.status_code == 422
    upload = Upload.objects.get()
    token = uploads.token_of(upload)
    assert token in response.content.decode()
    assert send(client, [token]).status_code == 302
    assert Attachment.objects.get().file.read() == TEXT


def test_showing_the_fields_of_a_topic_loses_nothing(client):
    topic = TopicFactory(slug="returns")
    field = CustomField.objects.create(key="order", kind="order", is_for_customers=True, is_required=True)
    field.texts.create(language="en", label="Order number")
    field.topics.add(topic)
    response = send(
        client, topic="returns", show_fields="1", name="Cleo", attachments=SimpleUploadedFile("receipt.txt", TEXT)
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert not Ticket.objects.exists()
    assert 'name="field-order"' in page
    assert 'value="Cleo"' in page
    assert STORY in page
    assert "receipt.txt" in page
    assert "Your message has not been sent yet" not in page


def test_what_a_crash_left_behind_goes_and_what_waits_stays(client, stored, commit):
    with commit():
        token = whole(client)
        half = begin(client, name="half.txt")
        patch(client, half["Location"], 0, TEXT[:5])
    storages["attachments"].save("uploads/2020/01/orphan", SimpleUploadedFile("x", b"x"))
    assert uploads.prune() == 0
    later = timezone.now() + timedelta(days=2)
    with commit():
        # The orphan, the half one, and what other tests rolled back.
        assert uploads.prune(at=later) >= 2
    assert [one.name for one in Upload.objects.all()] == ["receipt.txt"]
    assert len(stored()) == 1
    assert send(client, [token]).status_code == 302
    uploads.prune(at=later)
    assert not Upload.objects.exists()
    assert Attachment.objects.get().file.read() == TEXT


def test_a_crash_between_the_last_part_and_putting_together_costs_nothing(client, monkeypatch):
    address = begin(client)["Location"]
    monkeypatch.setattr(uploads, "finish", lambda upload: upload)
    patch(client, address, 0, TEXT)
    monkeypatch.undo()
    assert not Upload.objects.get().is_whole
    assert client.head(address, headers=TUS)["Upload-Offset"] == str(len(TEXT))
    assert Upload.objects.get().is_whole


def test_one_who_comes_second_to_the_same_place_leaves_nothing(client, stored, commit):
    """Two requests with the same bytes at the same moment: both have read the offset before either has written."""
    address = begin(client)["Location"]
    upload, same = Upload.objects.get(), Upload.objects.get()
    uploads.append(upload, offset=0, content=SimpleUploadedFile("x", TEXT[:5]))
    with commit(), pytest.raises(uploads.WrongOffset):
        uploads.append(same, offset=0, content=SimpleUploadedFile("x", TEXT[:5]))
    assert len(stored()) == 1
    assert patch(client, address, 5, TEXT[5:]).status_code == 204
    assert Upload.objects.get().file.read() == TEXT


def test_another_method_in_place_of_one_that_is_not_counted_makes_nothing(client):
    """GET and HEAD are not counted: a program could fill the disk with them."""
    headers = {**TUS, "Upload-Length": "10", "X-HTTP-Method-Override": "POST", "Upload-Metadata": "filename YS50eHQ="}
    assert client.get(URL, headers=headers).status_code == 405
    assert not Upload.objects.exists()
    assert client.put(URL, headers=headers).status_code == 405
    assert begin(client, **{"X-HTTP-Method-Override": "POST"}).status_code == 201


@pytest.fixture
def little(settings):
    """An hour's allowance of two small files."""
    settings.RATELIMIT_ENABLE, settings.UPLOAD_BYTES_PER_HOUR = True, 2 * len(TEXT)


def test_one_address_cannot_fill_the_disk_with_visit_after_visit(little):
    for _visit in range(2):
        assert begin(Client(REMOTE_ADDR="192.0.2.1")).status_code == 201
    refused = begin(Client(REMOTE_ADDR="192.0.2.1"))
    assert refused.status_code == 422
    assert "files can follow later" in refused.json()["detail"]
    assert begin(Client(REMOTE_ADDR="192.0.2.2")).status_code == 201
    assert (
        Client(REMOTE_ADDR="192.0.2.1").post(PAGE, {"message": STORY, "email": "cleo@example.com"}).status_code == 302
    )


def test_one_network_of_ipv6_is_one_address(little):
    for last in (1, 2):
        assert begin(Client(REMOTE_ADDR=f"2001:db8::{last}")).status_code == 201
    assert begin(Client(REMOTE_ADDR="2001:db8::3")).status_code == 422
    assert begin(Client(REMOTE_ADDR="2001:db8:1::3")).status_code == 201


def test_files_that_come_with_the_form_count_too_and_the_message_goes_without_them(little):
    client = Client(REMOTE_ADDR="192.0.2.1")
    for name in "ab":
        files = {"attachments": SimpleUploadedFile("x.txt", TEXT), "key": name}
        assert send(client, **files).status_code == 302
    for button in ({}, {"show_fields": "1"}):
        refused = send(client, key="c", attachments=SimpleUploadedFile("x.txt", TEXT), **button)
        assert STORY in refused.content.decode()
        assert not Upload.objects.waiting().exists()
    refused = send(client, key="c", attachments=SimpleUploadedFile("x.txt", TEXT))
    assert refused.status_code == 422
    assert "files can follow later" in refused.content.decode()
    assert send(client, key="c").status_code == 302
    assert Ticket.objects.count() == 3


def test_where_the_storage_fails_the_message_still_goes(client, monkeypatch):
    token = whole(client)

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storages["attachments"], "_save", full)
    for files in ({"tokens": [token]}, {"attachments": SimpleUploadedFile("x.txt", TEXT)}):
        refused = send(client, **files)
        assert refused.status_code == 422
        assert "Send your message without them" in refused.content.decode()
        assert STORY in refused.content.decode()
    assert not Ticket.objects.exists()
    assert send(client).status_code == 302
