"""The demo shop's mail: real letters (RFC 5322), taken in the way in which any letter is."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime
from string import Template
from typing import Any

from deflection.services.case_suggestions import suggest_for_case
from helpcenter.accounts.models import User
from helpcenter.demo.cases import told
from helpcenter.demo.stories import CONTENT, read_yaml
from helpcenter.demo.times import happened_at
from knowledge.models import Topic
from tickets.channels.email.inbound import receive
from tickets.models import InboundMail, Message, Ticket
from tickets.services import fields, participants, properties, tagging
from tickets.services.channel_policy import support_address
from tickets.services.history import agent
from tickets.services.links import reply_address
from tickets.services.merging import merge
from tickets.services.splitting import split

_SOON = timedelta(minutes=20)


def receive_letters(now: datetime, staff: dict[str, User]) -> None:
    """Takes the letters in, oldest first, and does what agents did with them since."""
    opened: dict[str, Ticket] = {}
    for row in read_yaml("desk.yaml")["letters"]:
        answered = told(row["answers"]) if "answers" in row else None
        at = _moment(now - timedelta(hours=row["hours_ago"]), answered, now)
        with happened_at(at):
            mail = receive(_raw(row["file"], answered, at))
        if mail.message is not None:
            opened[row.get("becomes", row["file"])] = mail.message.ticket
            suggest_for_case(mail.message.ticket_id)
        with happened_at(at + _SOON):
            _handle(row, mail, opened, staff)


def _moment(at: datetime, answered: Ticket | None, now: datetime) -> datetime:
    """After what it answers, and in the past, whatever the hour of the first start."""
    if answered is not None:
        last = answered.messages.exclude(kind=Message.Kind.NOTE).latest("created_at").created_at
        at = max(at, last + 2 * _SOON)
    return min(at, now - 2 * _SOON)


def _raw(name: str, answered: Ticket | None, at: datetime) -> bytes:
    values = {"date": format_datetime(at)}
    if answered is not None:
        letter = answered.outbox.order_by("-created_at").first()
        assert letter is not None, f"{answered} was never written to"
        values |= {
            "reply_to": reply_address(answered.pk, support_address()),
            "answers": letter.headers["Message-ID"],
            "recipient": letter.recipient,
        }
    text = (CONTENT / "mail" / f"{name}.eml").read_text(encoding="utf-8")
    return Template(text).substitute(values).replace("\n", "\r\n").encode()


def _handle(row: dict[str, Any], mail: InboundMail, opened: dict[str, Ticket], staff: dict[str, User]) -> None:
    if mail.message is None:
        return
    ticket, by = mail.message.ticket, agent(staff["freja"])
    if topic := row.get("topic"):
        properties.change_property(ticket, "topic", Topic.objects.get(slug=topic), by=by)
    if kind := row.get("type"):
        properties.change_property(ticket, "type", kind, by=by)
    if row.get("fields"):
        fields.set_fields(ticket, row["fields"], by=by)
    if row.get("tags"):
        tagging.add_tags(ticket, row["tags"], by=by)
    for person in participants.on_last_mail(ticket) if row.get("copies") else ():
        participants.add_participant(ticket, person.address, person.name, by=by)
    if row.get("splits"):
        suggest_for_case(split(mail.message, by=by, subject=row["splits"]).pk)
    if other := row.get("merges_into"):
        merge(ticket, into=opened[other], by=by)
