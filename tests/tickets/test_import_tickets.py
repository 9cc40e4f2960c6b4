"""Moving in from other systems: nothing is lost, nothing is doubled, nobody is written to."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from tests.factories import TopicFactory
from tests.people import ada
from tickets.channels.email.inbound import receive
from tickets.models import (
    Attachment,
    Customer,
    CustomField,
    ImportedRecord,
    Message,
    OutboxMessage,
    Team,
    Ticket,
    TicketEvent,
    Webhook,
    WebhookDelivery,
)
from tickets.services import case_import
from tickets.services.history import agent
from tickets.services.links import case_path
from tickets.services.merging import merge

pytestmark = pytest.mark.django_db
DUMPS = Path(__file__).parent / "dumps"
ZENDESK = (DUMPS / "zendesk", "zendesk", DUMPS / "zendesk" / "mapping.yaml")
ZAMMAD = (DUMPS / "zammad", "zammad", DUMPS / "zammad" / "mapping.yaml")
TABLE = (DUMPS / "table.csv", "csv", DUMPS / "table.yaml")
BOX = (DUMPS / "box.mbox", "mbox", DUMPS / "box.yaml")
ALL = pytest.mark.parametrize("dump", [ZENDESK, ZAMMAD, TABLE, BOX], ids=["zendesk", "zammad", "csv", "mbox"])


@pytest.fixture(autouse=True)
def house():
    """What the mappings of the dumps name."""
    ada()
    TopicFactory(slug="returns")
    Team.objects.create(key="web", name="Web")
    CustomField.objects.create(key="order", kind="text")


def run(dump, *flags: str) -> str:
    path, source, mapping = dump
    out = StringIO()
    call_command("import_tickets", str(path), "--from", source, "--mapping", str(mapping), *flags, stdout=out)
    return out.getvalue()


def case(external_id: str) -> Ticket:
    return ImportedRecord.objects.get(external_id=external_id).ticket


def everything() -> list[tuple]:
    """All that an import writes, without the numbers that differ from run to run."""
    return sorted(
        (row.external_id, row.ticket.status, row.ticket.messages.count(), row.ticket.events.count())
        for row in ImportedRecord.objects.all()
    )


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


class TestZendesk:
    def test_a_case_with_all_that_was_said(self):
        run(ZENDESK)
        ticket = case("501")
        assert (ticket.subject, ticket.status, ticket.priority) == ("Var är mitt paket?", "solved", "high")
        assert (ticket.type, ticket.topic.slug, ticket.language) == ("problem", "returns", "sv")
        assert (ticket.assignee.email, ticket.channel) == ("ada@example.com", "form")
        assert ticket.customer.email == "cleo@example.com"
        assert sorted(ticket.tags.values_list("name", flat=True)) == ["delivery", "vip"]
        assert ticket.fields == {"order": "A-1001"}
        assert (ticket.created_at, ticket.solved_at) == (at(2024, 3, 1, 8, 15), at(2024, 3, 3, 16, 40))
        assert ticket.first_response_at == at(2024, 3, 2, 9, 30)
        question, note, answer = ticket.messages.all()
        assert (question.kind, question.created_at) == ("inbound", at(2024, 3, 1, 8, 15))
        assert (note.kind, note.body) == ("note", "Asked the depot.\nThey have not scanned it.")
        assert (answer.kind, answer.author.email) == ("outbound", "ada@example.com")
        assert answer.body == "Hej Cleo!\nDet är på väg & kommer i morgon."
        (file,) = Attachment.objects.all()
        assert (file.message, file.name, file.file.read()) == (question, "kvitto.txt", b"12 kr")

    def test_the_history_tells_what_happened_then_and_that_it_was_brought_in(self):
        run(ZENDESK)
        told = list(case("501").events.order_by("created_at", "pk").values_list("kind", flat=True))
        assert told == ["received", "noted", "replied", "solved", "imported"]
        assert case("501").events.get(kind="imported").data == {"source": "zendesk", "id": "501"}

    def test_who_waits_since_when(self):
        run(ZENDESK)
        ticket = case("502")
        assert (ticket.status, ticket.waiting_since, ticket.solved_at) == ("open", at(2024, 5, 2, 12), None)
        assert (ticket.language, ticket.type, ticket.priority) == ("nb", "question", "normal")

    def test_a_customer_without_an_address(self):
        run(ZENDESK)
        ticket = case("505")
        assert (ticket.status, ticket.channel, ticket.customer.email) == ("waiting_customer", "phone", "")
        assert (ticket.customer.name, ticket.customer.identities.get().value) == ("Caller", "zendesk:14")

    def test_a_merged_case_is_closed(self):
        run(ZENDESK)
        assert case("504").status == "closed"
        assert case("504").messages.get().body == "Once more: where is it?"

    def test_what_was_left_out_and_what_was_not_mapped(self):
        report = run(ZENDESK)
        assert "ticket 503: It was suspended, most likely as spam." in report
        assert "ticket 506: It cannot be read: “last week” is not a time" in report
        assert "ticket 507: It does not say whose it is." in report
        assert "ticket 508: It was deleted." in report
        assert "file “gone.pdf” of zendesk:7001: It is not in the dump." in report
        assert "not in the mapping, agents: left@old.example (2)" in report
        assert "not in the mapping, priorities: severe (1)" in report
        assert "not in the mapping, topics: 8 (1)" in report
        assert "4 cases created, 0 extended, 0 unchanged; 8 messages and 1 files imported; 5 left out" in report

    def test_a_list_of_tickets_and_one_object_with_everything(self, tmp_path):
        import json

        tickets = [json.loads(line) for line in (DUMPS / "zendesk/tickets.ndjson").read_text().splitlines()]
        users = json.loads((DUMPS / "zendesk/users.json").read_text())["users"]
        whole = tmp_path / "export.json"
        whole.write_text(json.dumps({"tickets": tickets, "users": users}))
        assert "4 cases created" in run((whole, *ZENDESK[1:]))
        for ticket in tickets:
            ticket["requester"] = next((one for one in users if one["id"] == ticket.get("requester_id")), None)
        alone = tmp_path / "tickets.json"
        alone.write_text(json.dumps(tickets))
        assert "0 cases created, 0 extended, 4 unchanged" in run((alone, *ZENDESK[1:]))

    def test_no_file_outside_the_dump_is_read(self, tmp_path):
        import json

        (tmp_path / "secret.txt").write_text("secret")
        (tmp_path / "dump" / "attachments").mkdir(parents=True)
        ticket = json.loads((DUMPS / "zendesk/tickets.ndjson").read_text().splitlines()[0])
        ticket["requester"] = {"id": 11, "email": "cleo@example.com"}
        ticket["comments"][0]["attachments"] = [{"id": "../..", "file_name": "secret.txt"}]
        (tmp_path / "dump" / "tickets.ndjson").write_text(json.dumps(ticket) + "\n")
        assert "It is not in the dump." in run((tmp_path / "dump", *ZENDESK[1:]))
        assert not Attachment.objects.exists()


class TestZammad:
    def test_a_case_with_all_that_was_said(self):
        run(ZAMMAD)
        ticket = case("31")
        assert (ticket.subject, ticket.status, ticket.priority) == ("Jacka i fel storlek", "closed", "high")
        assert (ticket.team.key, ticket.assignee.email, ticket.language) == ("web", "ada@example.com", "sv")
        assert ticket.fields == {"order": "B-77"}
        assert [(one.kind, one.body) for one in ticket.messages.all()] == [
            ("inbound", "Hej!\nJackan är för liten."),
            ("note", "Kunden är arg."),
            ("outbound", "Skicka tillbaka den."),
        ]

    def test_with_names_instead_of_numbers(self):
        run(ZAMMAD)
        ticket = case("34")
        assert (ticket.status, ticket.channel, ticket.language) == ("waiting_third_party", "phone", "da")
        assert (ticket.customer.name, ticket.assignee.email) == ("Dora Dam", "ada@example.com")

    def test_merged_and_removed(self):
        report = run(ZAMMAD)
        assert case("32").status == "closed"
        assert case("32").assignee is None
        assert "ticket 61033: It was removed." in report
        assert "3 cases created" in report


class TestTable:
    def test_several_rows_of_one_case(self):
        run(TABLE)
        ticket = case("1")
        assert (ticket.status, ticket.language, ticket.fields) == ("solved", "sv", {"order": "C-1"})
        assert list(ticket.messages.values_list("kind", flat=True)) == ["inbound", "outbound", "note"]
        assert case("3").status == "new"
        assert case("3").messages.get().created_at == at(2023, 9, 3)

    def test_rows_that_cannot_be_taken(self):
        report = run(TABLE)
        assert "left out: line 5 (2): Write your whole e-mail address" in report
        assert "left out: line 7: It has no ID." in report
        assert "left out: line 8 (4): It cannot be read: “i går” is not a time" in report
        assert "2 cases created" in report

    def test_a_table_without_the_columns_says_which(self, tmp_path):
        (tmp_path / "table.csv").write_text("Nr,Who\n1,cleo@example.com\n")
        with pytest.raises(CommandError, match="no column for id, email, body, created_at"):
            run((tmp_path / "table.csv", *TABLE[1:]))


class TestMailbox:
    def test_letters_that_belong_together(self):
        report = run(BOX)
        ticket = case("<a1@mail.example.com>")
        assert (ticket.subject, ticket.status) == ("Försenad leverans", "solved")
        assert [(one.kind, one.body.splitlines()[0]) for one in ticket.messages.all()] == [
            ("inbound", "Hej! När kommer mitt paket?"),
            ("outbound", "Det kommer i morgon."),
            ("inbound", "Tack! Se bilagan."),
        ]
        assert Attachment.objects.get().name == "anteckning.txt"
        assert "<auto@mail.example.com>: It is an automatic letter." in report
        assert "<c1@nowhere.example>: It does not say who sent it." in report
        assert "2 cases created" in report

    def test_a_case_that_we_began_is_its_readers(self):
        run(BOX)
        assert case("<b1@shop.example>").customer.email == "sam@example.com"

    def test_an_answer_to_an_old_letter_finds_its_case(self, commit):
        run(BOX)
        answer = (
            b"From: Cleo Lind <cleo@example.com>\r\nTo: help@shop.example\r\nSubject: Re: Leverans\r\n"
            b"Message-ID: <a9@mail.example.com>\r\nIn-Reply-To: <a2@shop.example>\r\n"
            b"Date: Mon, 11 Mar 2024 08:00:00 +0100\r\n\r\nDet kom aldrig.\r\n"
        )
        with commit():
            taken = receive(answer)
        # It is years old and solved, so what comes now is a new case that is linked to it.
        assert taken.ticket.links_out.get().target == case("<a1@mail.example.com>")


class TestEachFormat:
    @ALL
    def test_nobody_is_written_to_and_nobody_is_told(self, dump, commit):
        Webhook.objects.create(name="CRM", url="https://crm.example.com/", secret="x")
        with commit():
            run(dump)
        assert Ticket.objects.exists()
        assert mail.outbox == []
        assert not OutboxMessage.objects.exists()
        assert not WebhookDelivery.objects.exists()

    @ALL
    def test_a_dry_run_says_the_same_and_changes_nothing(self, dump):
        dry = run(dump, "--dry-run")
        assert not Ticket.objects.exists()
        assert not Customer.objects.exists()
        assert not Attachment.objects.exists()
        wet = run(dump)
        assert dry.replace("would be ", "") == wet

    @ALL
    def test_a_second_run_adds_nothing(self, dump):
        run(dump)
        before = everything()
        report = run(dump)
        assert "0 cases created, 0 extended" in report
        assert everything() == before

    @ALL
    def test_a_run_that_was_broken_off_is_taken_up(self, dump, monkeypatch):
        whole = run(dump)
        expected = everything()
        Ticket.objects.all().delete()
        monkeypatch.setattr(case_import, "BATCH", 1)
        real, done = case_import._Batch.run, []

        def dies_at_the_second(self, batch):
            done.append(1)
            if len(done) == 2:
                raise KeyboardInterrupt
            return real(self, batch)

        monkeypatch.setattr(case_import._Batch, "run", dies_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            run(dump)
        monkeypatch.setattr(case_import._Batch, "run", real)
        run(dump)
        assert everything() == expected
        assert "0 cases created" not in whole


def test_a_second_run_adds_what_was_said_since(tmp_path):
    import json

    lines = (DUMPS / "zendesk/tickets.ndjson").read_text().splitlines()
    dump = tmp_path / "dump"
    dump.mkdir()
    (dump / "users.json").write_text((DUMPS / "zendesk/users.json").read_text())
    (dump / "tickets.ndjson").write_text(lines[1])
    run((dump, *ZENDESK[1:]))
    changed = json.loads(lines[1])
    changed["comments"].append(
        {"id": 7013, "author_id": 91, "body": "Look again.", "public": True, "created_at": "2024-05-03T12:00:00Z"}
    )
    (dump / "tickets.ndjson").write_text(json.dumps(changed))
    assert "0 cases created, 1 extended, 0 unchanged; 1 messages" in run((dump, *ZENDESK[1:]))
    assert case("502").messages.last().body == "Look again."
    assert case("502").events.filter(kind=TicketEvent.Kind.REPLIED).count() == 2


def test_what_was_merged_since_is_not_brought_in_again():
    run(ZENDESK)
    merge(case("504"), into=case("501"), by=agent(ada_of_the_house()))
    count = Message.objects.count()
    assert "0 cases created, 0 extended, 4 unchanged" in run(ZENDESK)
    assert Message.objects.count() == count


def test_what_was_brought_in_is_read_at_the_desk_and_by_its_customer(client):
    run(ZENDESK)
    ticket = case("501")
    page = client.get(case_path(ticket)).content.decode()
    assert "Det är på väg" in page
    assert "Asked the depot" not in page
    client.force_login(ada_of_the_house())
    desk = client.get(ticket.get_absolute_url()).content.decode()
    assert "Asked the depot" in desk
    assert "kvitto.txt" in desk


def test_what_was_brought_in_is_no_evidence_that_articles_are_missing():
    run(ZENDESK)
    assert Ticket.objects.filter(status="open").exists()
    assert not Ticket.objects.without_answer().exists()


def ada_of_the_house():
    from helpcenter.accounts.models import User

    return User.objects.get(email="ada@example.com")


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("statuses: {done: finished}", "“done” is mapped to “finished”"),
        ("stati: {}", "no section stati"),
        ("- a\n- b", "sections"),
        ("topics: [a]", "their word: ours"),
        ("topics: {x: none-such}", "names “none-such”"),
        ("agents: {x@old.example: nobody@example.com}", "names “nobody@example.com”"),
        ("language: fi", "is not a language"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_mapping_that_cannot_be_right_stops_before_anything_is_done(tmp_path, mapping, told):
    file = tmp_path / "mapping.yaml"
    file.write_text(mapping)
    with pytest.raises(CommandError, match=told):
        run((ZENDESK[0], "zendesk", file))
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("source", ["zendesk", "zammad", "csv", "mbox"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"{", b"[1, 2]", b"null", b"[" * 100_000])
def test_a_file_that_is_something_else_is_a_clear_refusal(tmp_path, source, content):
    file = tmp_path / "dump.json"
    file.write_bytes(content)
    with pytest.raises(CommandError):
        run((file, source, ZENDESK[2]))
    assert not Ticket.objects.exists()


def test_nothing_there():
    with pytest.raises(CommandError, match="does not exist"):
        run((DUMPS / "none", *ZENDESK[1:]))
