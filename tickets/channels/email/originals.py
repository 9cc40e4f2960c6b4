"""Letters beside the messages that were made of them: who wrote to whom, what was folded away, what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.functions import Length
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.channels.email.trimming import trim
from tickets.models import InboundMail, MailContent, Message

_WHY = {
    "empty": _("it is empty"),
    "size": _("it is too large"),
    "kind": _("we do not open files of its kind"),
    "count": _("there were too many"),
}
_GOOD, _BAD = ("pass",), ("fail", "softfail", "permerror", "policy")


@dataclass(frozen=True)
class Check:
    """One thing that our mail server checked about the sender."""

    name: str
    result: str
    kind: str
    """The colour of its chip: "ok", "bad" or ""."""


@dataclass(frozen=True)
class LeftOut:
    name: str
    size: int
    why: Promise | str


@dataclass(frozen=True)
class Original:
    sender: str
    sender_name: str
    to: list[str]
    cc: list[str]
    subject: str
    checks: list[Check]
    is_suspect: bool
    """Whether a check failed, so that anybody may have written it."""
    folded: str
    """The signature and what was quoted; the whole text where the message says something else."""
    left_out: list[LeftOut]
    has_html: bool
    row: int | None
    """The key of the letter as it came (`desk:mail_letter`)."""


def originals_of(messages: Sequence[Message]) -> dict[int, Original]:
    """The letters behind some messages, by message; in two queries, whatever their number."""
    by_pk = {one.pk: one for one in messages}
    mails = MailContent.objects.filter(message__in=by_pk).defer("html").annotate(markup=Length("html"))
    letters = InboundMail.objects.filter(Q(message__in=by_pk)).order_by("-pk").values_list("message_id", "pk")
    rows = {message: pk for message, pk in letters if message is not None}
    return {mail.pk: _original(mail, by_pk[mail.pk], rows.get(mail.pk)) for mail in mails}


def _original(mail: Any, message: Message, row: int | None) -> Original:
    trimmed = trim(mail.text)
    is_trimmed = trimmed.shown[:200].strip() == message.body[:200].strip()
    folded = trimmed.folded if is_trimmed else mail.text.strip()
    return Original(
        sender=mail.sender,
        sender_name=mail.sender_name,
        to=[str(one) for one in mail.to],
        cc=[str(one) for one in mail.cc],
        subject=mail.subject,
        checks=checks(mail.authentication),
        is_suspect=is_suspect(mail.authentication),
        folded="" if folded == message.body.strip() else folded,
        left_out=left_out(mail.left_out),
        has_html=mail.markup > 0,
        row=row,
    )


def checks(results: dict[str, str]) -> list[Check]:
    """The results of the receiving server, the ones that people know first."""
    return [
        Check(name.upper(), results[name], "ok" if results[name] in _GOOD else "bad" if results[name] in _BAD else "")
        for name in ("dmarc", "dkim", "spf")
        if name in results
    ]


def is_suspect(results: dict[str, str]) -> bool:
    """Whether the checks speak against the sender (`authentication.py` says which case that closes to them)."""
    if results.get("dmarc") in ("pass", "fail"):
        return results["dmarc"] == "fail"
    values = [results[name] for name in ("spf", "dkim") if name in results]
    return any(one in _BAD for one in values) and not any(one in _GOOD for one in values)


def left_out(rows: Sequence[dict[str, Any]]) -> list[LeftOut]:
    return [
        LeftOut(str(one.get("name", "")), int(one.get("size", 0)), _WHY.get(str(one.get("why")), ""))
        for one in rows
        if isinstance(one, dict)
    ]
