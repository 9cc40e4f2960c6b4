"""Files: by size, number, and what is really in them."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import make_ticket
from tickets.errors import TicketError
from tickets.services.attachments import check_files, display_name
from tickets.services.links import attachment_path

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 32
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"


def office_file() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    return buffer.getvalue()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bild.PNG", PNG),
        ("faktura.pdf", PDF),
        ("foto.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"0" * 32),
        ("brev.docx", office_file()),
        ("text.txt", "Hej åäö".encode()),
        ("text.txt", "Hej åäö".encode("latin-1")),
    ],
)
def test_what_customers_send_is_taken(name, content):
    check_files([upload(name, content)])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("virus.png", b"MZ\x90\x00" + b"\x00" * 64),
        ("virus.exe", b"MZ\x90\x00" + b"\x00" * 64),
        ("elf.pdf", b"\x7fELF" + b"\x00" * 64),
        ("page.png", b"<html><script>alert(1)</script></html>"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("noext", PNG),
        ("text.txt", b"a\x00b"),
        ("wrong.pdf", PNG),
    ],
)
def test_what_is_something_else_than_it_says_is_refused_by_name(name, content):
    with pytest.raises(TicketError, match=name):
        check_files([upload(name, content)])


def test_empty_too_large_and_too_many(settings):
    with pytest.raises(TicketError, match="empty"):
        check_files([upload("a.png", b"")])
    settings.ATTACHMENT_MAX_BYTES = 40
    with pytest.raises(TicketError, match="too large"):
        check_files([upload("a.png", PNG)])
    with pytest.raises(TicketError, match="5 files"):
        check_files([upload("a.txt", b"x")] * 6)


def test_names_are_made_safe_to_show():
    assert display_name("../../etc/passwd.png") == "passwd.png"
    assert display_name("C:\\files\\å.png") == "å.png"
    assert display_name("a\x00\r\nb.png") == "a b.png"
    assert len(display_name("x" * 400 + ".pdf")) <= 120


@pytest.mark.django_db
class TestServing:
    @pytest.fixture
    def attachment(self):
        ticket = make_ticket(attachments=[upload("bild.png", PNG), upload("brev.pdf", PDF)])
        return ticket.messages.get().attachments.order_by("name")

    def test_a_signed_link_serves_the_file(self, client, attachment):
        response = client.get(attachment_path(attachment[0]))
        assert b"".join(response.streaming_content) == PNG
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in response["Content-Security-Policy"]

    def test_other_files_than_pictures_are_downloaded(self, client, attachment):
        assert client.get(attachment_path(attachment[1]))["Content-Disposition"].startswith("attachment")

    def test_without_or_with_another_files_signature_there_is_nothing(self, client, attachment):
        path, signature = attachment_path(attachment[0]).split("?")
        other_path = attachment_path(attachment[1]).split("?")[0]
        assert client.get(path).status_code == 404
        assert client.get(f"{other_path}?{signature}").status_code == 404

    def test_a_link_ends(self, client, attachment, monkeypatch):
        link = attachment_path(attachment[0])
        monkeypatch.setattr("django.core.signing.time.time", lambda: 4e9)
        assert client.get(link).status_code == 404
