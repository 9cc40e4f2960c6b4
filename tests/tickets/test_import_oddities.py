"""Dumps as they really are: with holes, impossible times, and names longer than anybody thought of."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.factories import make_ticket
from tests.people import ada
from tickets.models import ImportedRecord, Message, Tag, Ticket
from tickets.services.case_story import story_for_customer

pytestmark = pytest.mark.django_db

LONG_ID = f"<{'a' * 150}@example.com>"


def imported(path: Path, source: str) -> str:
    out = StringIO()
    call_command("import_tickets", str(path), "--from", source, stdout=out)
    return out.getvalue()


def ticket(number: object, **values: object) -> dict[str, object]:
    at = "2024-01-02T03:04:05Z"
    comment = {"id": f"{number}-1"[:40], "author_id": 1, "body": "Hello", "created_at": at}
    return {"id": number, "subject": "Hi", "requester_id": 1, "created_at": at, "comments": [comment], **values}


def zendesk(folder: Path, *tickets: object) -> Path:
    path = folder / "export.json"
    people = [{"id": 1, "name": "Eva", "email": "eva@example.com", "role": "end-user"}]
    path.write_text(json.dumps({"tickets": list(tickets), "users": people}))
    return path


ODD = {
    "a comment without a number": {"comments": [{"author_id": 1, "body": "x", "created_at": "2024-01-02T03:04:05Z"}]},
    "comments that are none": {"comments": "oops"},
    "nothing for a comment": {"comments": [None]},
    "a time after the calendar": {"created_at": "9999-12-31T23:59:59-05:00"},
    "a time before the calendar": {"created_at": "0001-01-01T00:00:00+05:00"},
    "a day that is none": {"created_at": "2024-02-30T00:00:00Z"},
    "a group that is a word": {"group": "Sales"},
    "an address that is a list": {"requester": {"id": 7, "email": ["a"]}},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_one_broken_case_is_told_and_costs_no_other(tmp_path, odd):
    said = imported(zendesk(tmp_path, ticket(1), ticket(2, **odd), ticket(3)), "zendesk")

    assert "left out: ticket 2: " in said
    assert "object has no attribute" not in said
    assert sorted(ImportedRecord.objects.values_list("external_id", flat=True)) == ["1", "3"]


def test_characters_that_no_database_takes_are_taken_out(tmp_path):
    odd = ticket("nul \x00 half \ud800", subject="A \x00 sub\udfffject", tags=["one\x00two"])
    odd["comments"] = [{"id": "\ud8001", "author_id": 1, "body": "x\x00y", "created_at": "2024-01-02T03:04:05Z"}]

    path = zendesk(tmp_path, odd)
    imported(path, "zendesk")

    case = Ticket.objects.get()
    assert (case.subject, case.messages.get().body) == ("A subject", "xy")
    assert [tag.name for tag in Tag.objects.all()] == ["onetwo"]
    assert "1 unchanged" in imported(path, "zendesk")


def test_the_report_is_free_of_what_would_steer_a_terminal(tmp_path):
    said = imported(
        zendesk(tmp_path, ticket("\x1b[2J", created_at="never"), ticket("x" * 5000, created_at="no")), "zendesk"
    )

    assert "\x1b" not in said
    assert max(len(line) for line in said.splitlines()) < 300


@pytest.mark.parametrize("name", ["x" * 5000 + ".png", "a\x00b.png", "../../../../etc/passwd", ""])
def test_a_file_whose_name_no_disk_can_hold_is_told_of(tmp_path, name):
    odd = ticket(1)
    odd["comments"][0]["attachments"] = [{"id": "y" * 400, "file_name": name}]

    said = imported(zendesk(tmp_path, odd), "zendesk")

    assert "It is not in the dump." in said
    assert Message.objects.count() == 1


def test_cases_with_very_long_ids_are_told_apart_and_known_again(tmp_path):
    path = zendesk(tmp_path, ticket("L" * 300), ticket("L" * 300 + "2", comments=[
        {"id": 9, "author_id": 1, "body": "Another", "created_at": "2024-01-02T03:04:05Z"}
    ]))  # fmt: skip

    imported(path, "zendesk")

    assert ImportedRecord.objects.count() == 2
    assert "2 unchanged" in imported(path, "zendesk")


def letter(number: str, *, answers: str = "", date: str = "Mon, 01 Jan 2024 10:00:00 +0100") -> str:
    reply = f"In-Reply-To: {answers}\n" if answers else ""
    return (
        f"From x Mon Jan 01 00:00:00 2024\nFrom: Eva <eva@example.com>\nTo: help@example.com\nDate: {date}\n"
        f"Message-ID: {number}\n{reply}Subject: Hello\n\nText of {number[:10]}\n\n"
    )


def test_a_letter_with_a_very_long_message_id_finds_its_case_in_the_next_run(tmp_path):
    path = tmp_path / "box.mbox"
    path.write_text(letter(LONG_ID))
    imported(path, "mbox")

    path.write_text(letter(LONG_ID) + letter("<two@example.com>", answers=LONG_ID))

    assert "1 extended" in imported(path, "mbox")
    assert Ticket.objects.get().messages.count() == 2


def test_a_later_mailbox_goes_on_with_the_conversation_of_an_earlier_one(tmp_path):
    path = tmp_path / "box.mbox"
    path.write_text(letter("<two@example.com>", answers="<one@example.com>"))
    imported(path, "mbox")

    path.write_text(letter("<three@example.com>", answers="<two@example.com>"))
    assert "1 extended" in imported(path, "mbox")

    path.write_text(letter("<one@example.com>") + letter("<two@example.com>", answers="<one@example.com>"))
    assert "1 extended" in imported(path, "mbox")
    assert "1 unchanged" in imported(path, "mbox")
    assert Ticket.objects.get().messages.count() == 3


def test_a_letter_that_names_a_case_of_ours_is_no_way_into_it(tmp_path):
    own = make_ticket()
    Message.objects.filter(ticket=own).update(external_id="<own@example.com>")
    path = tmp_path / "box.mbox"
    path.write_text(letter("<three@example.com>", answers="<own@example.com>"))

    assert "1 cases created" in imported(path, "mbox")
    assert own.messages.count() == 1


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 -0500", "Mon, 99 Jan 99999 11:00:00 +0100", "yesterday"])
def test_a_letter_with_an_impossible_date_is_left_out(tmp_path, date):
    path = tmp_path / "box.mbox"
    path.write_text(letter("<one@example.com>") + letter("<two@example.com>", date=date))

    assert "left out: letter <two@example.com>" in imported(path, "mbox")
    assert Ticket.objects.count() == 1


def test_what_came_in_can_be_shown_to_its_customer(tmp_path):
    ada()
    imported(zendesk(tmp_path, ticket(1, status="solved")), "zendesk")

    assert story_for_customer(Ticket.objects.get()).is_settled


def test_a_row_without_text_is_called_empty(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("id,email,body,created_at\n3,eva@example.com,,2024-01-02T03:04:05\n")

    assert "Nothing was said in it." in imported(path, "csv")
