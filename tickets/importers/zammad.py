"""A dump of Zammad's API: tickets, their articles and the users, each as a list in a file of its own, or all in one.

Shapes as in Zammad's REST API. With `expand=true` it names states, groups and people; otherwise it numbers them, and
the lists `ticket_states`, `ticket_priorities` and `groups` of the dump say what the numbers mean.
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
    UnreadableImport,
    file_of_dump,
    files_named,
    lists_in,
    moment,
    records,
)
from tickets.importers.mapping import Mapping

# Zammad's own numbers, the same in every installation.
_SENDERS = {"1": "agent", "2": "customer", "3": "system"}
_CHANNELS = {
    "email": "email",
    "web": "form",
    "phone": "phone",
    "chat": "chat",
    "sms": "sms",
    "whatsapp message": "whatsapp",
}
# The user behind everything that no person did.
_NOBODY = ("", "1")


def read_zammad(path: Path, mapping: Mapping) -> Iterator[ImportedCase | LeftOut]:
    reader = _Zammad(path)
    for ticket in reader.lists("tickets"):
        yield reader.case(ticket)


class _Zammad:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.whole = {} if path.is_dir() else lists_in(path)
        self.users = {str(user.get("id")): user for user in self.lists("users")}
        self.logins = {str(user.get("login") or user.get("email") or "").lower(): user for user in self.users.values()}
        self.names = {
            "state": self._names("ticket_states", "states"),
            "priority": self._names("ticket_priorities", "priorities"),
            "group": self._names("groups"),
        }
        self.articles: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for article in self.lists("articles", "ticket_articles"):
            self.articles[str(article.get("ticket_id"))].append(article)

    def lists(self, *names: str) -> list[dict[str, Any]]:
        """What the dump holds under one of the names."""
        if self.whole:
            return [record for name in names for record in self.whole.get(name, [])]
        if self.path.is_file():
            raise UnreadableImport(f"{self.path} is not an object with `tickets`, `articles` and `users`.")
        return [record for file in files_named(self.path, *names) for record in records(file, *names)]

    def _names(self, *lists: str) -> dict[str, str]:
        return {str(one.get("id")): str(one.get("name") or "") for one in self.lists(*lists)}

    def case(self, ticket: dict[str, Any]) -> ImportedCase | LeftOut:
        number = str(ticket.get("id") or "")
        where = f"ticket {ticket.get('number') or number or '?'}"
        if not number:
            return LeftOut(where, "It has no ID.")
        state = self._name(ticket, "state").lower()
        if state == "removed":
            return LeftOut(where, "It was removed.")
        try:
            articles = ticket.get("articles") or self.articles[number]
            return ImportedCase(
                where=where,
                external_id=number,
                customer=self._person(ticket.get("customer_id"), ticket.get("customer")),
                created_at=moment(ticket.get("created_at")),
                updated_at=moment(ticket.get("updated_at") or ticket.get("created_at")),
                messages=tuple(self._message(one) for one in articles if self._is_said(one)),
                subject=str(ticket.get("title") or ""),
                status=state,
                priority=self._name(ticket, "priority").lower(),
                type=str(ticket.get("type") or ""),
                group=self._name(ticket, "group"),
                channel=_CHANNELS.get(str(articles[0].get("type") or "") if articles else "", "email"),
                assignee=self._person(ticket.get("owner_id"), ticket.get("owner")),
                tags=tuple(str(tag) for tag in ticket.get("tags") or []),
                fields=_own_fields(ticket),
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            return LeftOut.unreadable(where, error)

    def _is_said(self, article: dict[str, Any]) -> bool:
        """Zammad's own remarks ("merged", "changed") are no part of the conversation."""
        return not (self._sender(article) == "system" and str(article.get("type") or "note") == "note")

    def _sender(self, article: dict[str, Any]) -> str:
        named = str(article.get("sender") or "").lower()
        return named or _SENDERS.get(str(article.get("sender_id") or ""), "customer")

    def _message(self, article: dict[str, Any]) -> ImportedMessage:
        kind = Kind.INBOUND if self._sender(article) == "customer" else Kind.OUTBOUND
        body = str(article.get("body") or "")
        if "html" in str(article.get("content_type") or ""):
            body = text_of_html(body, with_quotes=True)
        number = article.get("origin_by_id") or article.get("created_by_id")
        return ImportedMessage(
            external_id=str(article["id"]),
            kind=str(Kind.NOTE if article.get("internal") else kind),
            author=self._person(number, article.get("origin_by") or article.get("created_by")),
            body=body,
            at=moment(article.get("created_at")),
            files=tuple(
                file_of_dump(self.path, str(one.get("id") or ""), str(one.get("filename") or "file"))
                for one in article.get("attachments") or []
            ),
        )

    def _name(self, ticket: dict[str, Any], what: str) -> str:
        named, number = ticket.get(what), str(ticket.get(f"{what}_id") or "")
        return str(named) if isinstance(named, str) and named else self.names[what].get(number, number)

    def _person(self, number: Any, login: Any) -> Person:
        user = self.users.get(str(number)) or self.logins.get(str(login or "").lower()) or {}
        if not user and isinstance(login, str) and "@" in login:
            return Person(email=login)
        if str(number or "") in _NOBODY and not user.get("email"):
            return Person()
        name = " ".join(str(user.get(part) or "") for part in ("firstname", "lastname")).strip()
        locale = (user.get("preferences") or {}).get("locale")
        return Person(str(user.get("email") or ""), name, str(number or ""), str(locale or ""))


_STANDARD = frozenset({
    "id", "number", "title", "note", "type", "articles", "tags", "group", "group_id", "priority", "priority_id",
    "state", "state_id", "organization", "organization_id", "owner", "owner_id", "customer", "customer_id",
    "created_at", "updated_at", "created_by", "created_by_id", "updated_by", "updated_by_id", "article_ids",
    "article_count", "preferences", "pending_time", "time_unit", "time_units", "checklist_id", "ai_agent_running",
})  # fmt: skip


def _own_fields(ticket: dict[str, Any]) -> dict[str, Any]:
    """What the organisation added: Zammad keeps it beside its own attributes."""
    return {
        name: value
        for name, value in ticket.items()
        if name not in _STANDARD
        and not name.endswith(("_at", "_in_min", "_by", "_by_id", "_ids", "_diff_in_min"))
        and isinstance(value, (str, int, float, bool))
        and value != ""
    }
