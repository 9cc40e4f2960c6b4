"""What mail servers say about letters of ours: not delivered, delayed, delivered, read (RFC 3464, RFC 8098)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from tickets.channels.email import headers
from tickets.channels.email.letter import Letter
from tickets.channels.email.parts import payload
from tickets.channels.email.status_codes import is_passing
from tickets.models import InboundMail, OutboxMessage
from tickets.services.links import ticket_ids_in

Cause = InboundMail.Cause
# The name of a letter of ours, whatever a server has made of the brackets around it (`links.message_id`).
_OUR_ID = re.compile(r"([0-9a-f]{12})\.(c[0-9a-z]{1,12}-[a-z2-7]{16})@", re.IGNORECASE)
_SERVERS = re.compile(r"^(?:mailer-daemon|mail-daemon|postmaster|mdaemon|double-bounce)@")
_FAILED = re.compile(
    r"undeliver|delivery (?:status notification|has failed|failed|failure|to the following)|returned mail"
    r"|mail delivery (?:failed|system)|could not be delivered|couldn't be delivered|failure notice|user unknown"
    r"|mailbox unavailable|(?:^|\D)5(?:\d\d[ -]5)?\.\d{1,3}\.\d{1,3}(?:\D|$)|kunde inte levereras"
    r"|gick inte att leverera|kunne ikke leveres|ikke leveret|ikke levert|olevererbart|obeställbart",
    re.IGNORECASE,
)
_FAILED_IN_SUBJECT = re.compile(r"failure notice|returned mail|mail delivery failed|undeliverable", re.IGNORECASE)
_DELAYED = re.compile(
    r"\bdelay|warning: (?:message|could not)|still (?:trying|undelivered)|not yet been delivered|will "
    r"(?:continue|keep) (?:to try|trying)|försenad|forsinket|(?:^|\D)4\.\d{1,3}\.\d{1,3}(?:\D|$)",
    re.IGNORECASE,
)
# Behind a code that speaks of now, a server may say that it has stopped trying.
_GIVEN_UP = re.compile(
    r"giv(?:en|ing) up|not going to try|in the queue too long|no (?:further|more) attempts|not (?:be retried|try again)"
    r"|retry (?:timeout|time) (?:has )?(?:been )?(?:exceeded|expired)|delivery (?:time )?expired",
    re.IGNORECASE,
)
_MOST_READ = 200_000
# Parts in which a server names the letter that it writes about.
_QUOTING = {
    "text/rfc822-headers", "message/rfc822", "message/delivery-status", "message/disposition-notification",
    "message/partial", "text/plain",
}  # fmt: skip


@dataclass(frozen=True)
class Report:
    """A mail server's word about one letter."""

    cause: str
    """BOUNCE_FAILED, BOUNCE_DELAYED or RECEIPT."""
    recipient: str
    reason: str
    row: OutboxMessage | None
    """The letter of ours that it is about, where it can be told."""
    is_passing: bool = False
    """Of a letter that failed: whether the next one may arrive (a full mailbox, a server that was away)."""


def report_in(letter: Letter) -> Report | None:
    """The report that a letter is; None for a letter that is none."""
    if not letter.is_whole:
        return None
    kind = headers.content_type(letter.message)
    report_type = headers.parameter(letter.message, "Content-Type", "report-type").lower()
    fields = _status_fields(letter.message)
    if report_type == "disposition-notification" or "message/disposition-notification" in fields:
        return Report(Cause.RECEIPT, letter.sender.address, letter.subject, _row(letter))
    if "message/delivery-status" in fields or (kind == "multipart/report" and report_type == "delivery-status"):
        return _standard(letter, fields.get("message/delivery-status", {}))
    return _sloppy(letter)


def _standard(letter: Letter, status: dict[str, str]) -> Report:
    """RFC 3464, 2.3: one group of fields for each recipient; a group that failed counts before all others."""
    action = status.get("action", "").lower()
    code = status.get("status", "")
    if action in ("delivered", "relayed", "expanded"):
        cause = Cause.RECEIPT
    elif action == "delayed" or (not action and code.startswith("4")):
        cause = Cause.BOUNCE_DELAYED
    else:
        cause = Cause.BOUNCE_FAILED
    recipient = status.get("original-recipient") or status.get("final-recipient", "")
    said = status.get("diagnostic-code", "").partition(";")[2].strip()
    reason = said if code in said else f"{code} {said}".strip()
    return Report(
        cause,
        recipient.rpartition(";")[2].strip().lower(),
        reason or letter.subject,
        _row(letter),
        is_passing=cause == Cause.BOUNCE_FAILED and is_passing(code, said),
    )


def _sloppy(letter: Letter) -> Report | None:
    """Servers that say it in words alone. Only a letter of a server's, about one of ours, is believed."""
    is_from_server = bool(_SERVERS.match(letter.sender.address)) or letter.envelope_from.strip() == "<>"
    if not is_from_server:
        return None
    said = f"{letter.subject}\n{letter.contents.text[:5_000]}"
    row = _row(letter)
    has_given_up = bool(_GIVEN_UP.search(said) or _FAILED_IN_SUBJECT.search(letter.subject))
    if _DELAYED.search(said) and not has_given_up:
        return Report(Cause.BOUNCE_DELAYED, "", letter.subject, row)
    if not has_given_up and not _FAILED.search(said):
        return None
    found = re.search(r"[^\n]*\b[45]\d\d[ \-#][^\n]*", letter.contents.text[:5_000])
    reason = found[0].strip() if found else letter.subject
    return Report(Cause.BOUNCE_FAILED, "", reason, row, is_passing=is_passing("", said))


def _status_fields(message: Message) -> dict[str, dict[str, str]]:
    """The fields of the machine-readable parts, by their type; of several recipients, those of the one that failed."""
    found: dict[str, dict[str, str]] = {}
    for part in _walk(message, into_letters=False):
        kind = headers.content_type(part).replace("global-", "")
        if kind in ("message/delivery-status", "message/disposition-notification") and kind not in found:
            groups = _groups(part)
            chosen = next((one for one in groups if one.get("action", "").lower() == "failed"), None)
            chosen = chosen or next((one for one in groups if "action" in one or "status" in one), {})
            found[kind] = chosen
    return found


def _groups(part: Message) -> list[dict[str, str]]:
    below = part.__dict__.get("_payload")
    blocks = [one for one in below if isinstance(one, Message)] if isinstance(below, list) else []
    if blocks:
        return [{name.lower(): headers.text(block, name) for name in block} for block in blocks[:100]]
    groups: list[dict[str, str]] = [{}]
    for line in payload(part).decode("utf-8", "replace")[:_MOST_READ].splitlines():
        name, colon, value = line.partition(":")
        if not line.strip():
            groups.append({})
        elif colon:
            groups[-1].setdefault(name.strip().lower(), value.strip())
    return groups


def _walk(message: Message, *, into_letters: bool = True) -> list[Message]:
    """The parts of a message. A letter that is enclosed may itself be a report, which somebody shows to us."""
    found: list[Message] = []
    waiting = [message]
    while waiting and len(found) < 200:
        part = waiting.pop(0)
        found.append(part)
        below = part.__dict__.get("_payload")
        is_letter = headers.content_type(part) in ("message/rfc822", "message/global")
        if isinstance(below, list) and (into_letters or not is_letter):
            waiting += [one for one in below if isinstance(one, Message)]
    return found


def _row(letter: Letter) -> OutboxMessage | None:
    """The letter of ours that a report is about, by our Message-ID anywhere in it. Forged ones are passed over."""
    texts = [*letter.in_reply_to, *letter.references, letter.contents.text[:_MOST_READ]]
    for part in _walk(letter.message):
        for name in ("Message-ID", "Original-Message-ID", "X-Original-Message-ID", "Original-Envelope-Id"):
            texts += headers.raw_fields(part, name)
        if headers.content_type(part) in _QUOTING:
            texts.append(_text(part))
    for text in texts:
        for name, token in _OUR_ID.findall(text)[:20]:
            ours = {"ticket__in": ticket_ids_in(token), "headers__Message-ID__startswith": f"<{name.lower()}."}
            if row := OutboxMessage.objects.filter(**ours).select_related("ticket").order_by("created_at").first():
                return row
    return None


def _text(part: Message) -> str:
    below = part.__dict__.get("_payload")
    if isinstance(below, str):
        return below[:_MOST_READ]
    blocks = [one for one in below if isinstance(one, Message)] if isinstance(below, list) else []
    return "\n".join(f"{name}: {value}" for block in blocks[:100] for name, value in block.raw_items())[:_MOST_READ]
