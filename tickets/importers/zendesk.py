"""Zendesk's JSON export: tickets with their comments, as one object a line or as lists; or a folder of API answers.

Shapes as in Zendesk's Tickets, Ticket Comments and Users API. Comments stand in the ticket (`comments`), or in files
of their own with a `ticket_id`; people stand in the ticket (`requester`, `assignee`, a comment's `author`) or in
`users`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tickets.channels.email.trimming import text_of_html
from tickets.importers.base import (
    ImportedCase,
    ImportedMessage,
    Kind,
    LeftOut,
    Person,
    file_of_dump,
    files_named,
    lists_in,
    moment,
    records,
)
from tickets.importers.mapping import Mapping

_NOT_CASES = {"deleted": "It was deleted.", "suspended": "It was suspended, most likely as spam."}
_CHANNELS = {"email": "email", "web": "form", "chat": "chat", "voice": "phone", "phone": "phone", "sms": "sms"}


def read_zendesk(path: Path, mapping: Mapping) -> Iterator[ImportedCase | LeftOut]:
    reader = _Zendesk(path)
    for file in files_named(path, "tickets", "export"):
        for ticket in records(file, "tickets", "results"):
            yield reader.case(ticket)


class _Zendesk:
    def __init__(self, path: Path) -> None:
        self.path = path
        lists = {} if path.is_dir() else lists_in(path)
        users, comments = lists.get("users", []), lists.get("comments", [])
        if path.is_dir():
            users = [user for file in files_named(path, "users") for user in records(file, "users")]
            comments = [one for file in files_named(path, "comments") for one in records(file, "comments")]
        self.users = {str(user.get("id")): user for user in users}
        self.comments: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for comment in comments:
            self.comments[str(comment.get("ticket_id"))].append(comment)

    def case(self, ticket: dict[str, Any]) -> ImportedCase | LeftOut:
        number = str(ticket.get("id") or "")
        where = f"ticket {number or '?'}"
        status = str(ticket.get("status") or "").lower()
        if not number:
            return LeftOut(where, "It has no ID.")
        if status in _NOT_CASES:
            return LeftOut(where, _NOT_CASES[status])
        try:
            created = moment(ticket.get("created_at"))
            return ImportedCase(
                where=where,
                external_id=number,
                customer=self._person(ticket.get("requester_id"), ticket.get("requester")),
                created_at=created,
                updated_at=moment(ticket.get("updated_at") or ticket.get("created_at")),
                messages=tuple(self._messages(ticket)),
                subject=str(ticket.get("raw_subject") or ticket.get("subject") or ""),
                status="merged" if "closed_by_merge" in (ticket.get("tags") or []) else status,
                priority=str(ticket.get("priority") or ""),
                type=str(ticket.get("type") or ""),
                group=str((ticket.get("group") or {}).get("name") or ticket.get("group_id") or ""),
                channel=_CHANNELS.get(str((ticket.get("via") or {}).get("channel") or ""), "email"),
                assignee=self._person(ticket.get("assignee_id"), ticket.get("assignee")),
                tags=tuple(str(tag) for tag in ticket.get("tags") or []),
                fields=_fields(ticket),
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            return LeftOut.unreadable(where, error)

    def _messages(self, ticket: dict[str, Any]) -> Iterator[ImportedMessage]:
        comments = ticket.get("comments") or self.comments.get(str(ticket["id"]), [])
        if not comments and ticket.get("description"):
            comments = [
                {
                    "id": f"{ticket['id']}-description",
                    "author_id": ticket.get("requester_id"),
                    "body": ticket["description"],
                    "created_at": ticket.get("created_at"),
                }
            ]
        for comment in comments:
            yield self._message(ticket, comment)

    def _message(self, ticket: dict[str, Any], comment: dict[str, Any]) -> ImportedMessage:
        author = self._person(comment.get("author_id"), comment.get("author"))
        is_requester = comment.get("author_id") in (None, ticket.get("requester_id"))
        is_customer = is_requester or self._role(comment) in ("end-user", "")
        kind = Kind.INBOUND if is_customer else Kind.OUTBOUND
        return ImportedMessage(
            external_id=str(comment["id"]),
            kind=str(Kind.NOTE if comment.get("public") is False else kind),
            author=author,
            body=_text(comment),
            at=moment(comment.get("created_at") or ticket.get("created_at")),
            files=tuple(
                file_of_dump(self.path, str(one.get("id") or ""), str(one.get("file_name") or "file"))
                for one in comment.get("attachments") or []
            ),
        )

    def _role(self, comment: dict[str, Any]) -> str:
        user = comment.get("author") or self.users.get(str(comment.get("author_id"))) or {}
        return str(user.get("role") or "")

    def _person(self, number: Any, user: Any) -> Person:
        found = user if isinstance(user, dict) else self.users.get(str(number), {})
        number = found.get("id") or number
        return Person(
            email=str(found.get("email") or ""),
            name=str(found.get("name") or ""),
            external_id=str(number or ""),
            locale=str(found.get("locale") or ""),
        )


def _text(comment: dict[str, Any]) -> str:
    plain = str(comment.get("plain_body") or comment.get("body") or "")
    return plain or text_of_html(str(comment.get("html_body") or ""), with_quotes=True)


def _fields(ticket: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for one in ticket.get("custom_fields") or ticket.get("fields") or []:
        if one.get("value") not in (None, "", []):
            found[str(one.get("id"))] = one["value"]
    return found
