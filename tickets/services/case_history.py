"""The history of a case as sentences for agents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from knowledge.models import Article
from tickets.models import ChannelKind, Ticket, TicketEvent

Kind = TicketEvent.Kind


@dataclass(frozen=True)
class HistoryLine:
    text: str
    at: datetime
    is_trouble: bool = False


def history_lines(events: Sequence[TicketEvent]) -> list[HistoryLine]:
    """One sentence for each event, in the reader's language."""
    titles = _article_titles(events)
    return [
        HistoryLine(_sentence(event, titles), event.created_at, event.kind == Kind.DELIVERY_FAILED) for event in events
    ]


def _article_titles(events: Sequence[TicketEvent]) -> dict[str, str]:
    keys = {str(event.data["article"]) for event in events if event.data.get("article")}
    if not keys:
        return {}
    articles = Article.objects.filter(key__in=keys).prefetch_related("translations")
    found = ((article, article.text_in(get_language() or "")) for article in articles)
    return {article.key: text.title for article, text in found if text}


def _sentence(event: TicketEvent, titles: dict[str, str]) -> str:
    tell = _SENTENCES.get(Kind(event.kind)) if event.kind in Kind.values else None
    return tell(event, titles) if tell else event.get_kind_display()


def _who(event: TicketEvent) -> str:
    if event.actor_kind == TicketEvent.ActorKind.CUSTOMER:
        return _("The customer")
    if event.actor_kind == TicketEvent.ActorKind.SYSTEM:
        return "Svar"
    return str(event.actor) if event.actor else _("Somebody")


def _status(value: object) -> str:
    return str(dict(Ticket.Status.choices).get(str(value), value))


def _channel(event: TicketEvent) -> str:
    kind = str(event.data.get("channel", ""))
    return str(dict(ChannelKind.choices).get(kind, kind)).lower()


def _received(event: TicketEvent, titles: dict[str, str]) -> str:
    return _("The case came in by %(channel)s") % {"channel": _channel(event)}


def _customer_wrote(event: TicketEvent, titles: dict[str, str]) -> str:
    return _("The customer wrote by %(channel)s") % {"channel": _channel(event)}


def _replied(event: TicketEvent, titles: dict[str, str]) -> str:
    return _("%(who)s answered the customer") % {"who": _who(event)}


def _noted(event: TicketEvent, titles: dict[str, str]) -> str:
    return _("%(who)s wrote a note") % {"who": _who(event)}


def _status_changed(event: TicketEvent, titles: dict[str, str]) -> str:
    return _("%(who)s changed the status from “%(was)s” to “%(now)s”") % {
        "who": _who(event),
        "was": _status(event.data.get("was")),
        "now": _status(event.data.get("now")),
    }


def _assigned(event: TicketEvent, titles: dict[str, str]) -> str:
    who, to = _who(event), str(event.data.get("to", ""))
    if who == to:
        return _("%(who)s took the case") % {"who": who}
    return _("%(who)s gave the case to %(to)s") % {"who": who, "to": to}


def _unassigned(event: TicketEvent, titles: dict[str, str]) -> str:
    return _("%(who)s put the case back among the unassigned") % {"who": _who(event)}


def _solved(event: TicketEvent, titles: dict[str, str]) -> str:
    if key := event.data.get("article"):
        title = titles.get(str(key), str(key))
        return _("%(who)s solved the case with “%(article)s”") % {"who": _who(event), "article": title}
    return _("%(who)s solved the case; no article answers it") % {"who": _who(event)}


def _reopened(event: TicketEvent, titles: dict[str, str]) -> str:
    return _("%(who)s opened the case again") % {"who": _who(event)}


def _closed_by_customer(event: TicketEvent, titles: dict[str, str]) -> str:
    if key := event.data.get("article"):
        return _("The customer closed the case; “%(article)s” answered it") % {
            "article": titles.get(str(key), str(key))
        }
    return _("The customer closed the case")


def _delivery_failed(event: TicketEvent, titles: dict[str, str]) -> str:
    return _("A message to %(to)s could not be delivered: %(reason)s") % {
        "to": event.data.get("to", ""),
        "reason": event.data.get("reason", ""),
    }


def _cleared_of_spam(event: TicketEvent, titles: dict[str, str]) -> str:
    return _("%(who)s found that the case is not spam") % {"who": _who(event)}


_SENTENCES: dict[Kind, Callable[[TicketEvent, dict[str, str]], str]] = {
    Kind.RECEIVED: _received,
    Kind.CUSTOMER_WROTE: _customer_wrote,
    Kind.REPLIED: _replied,
    Kind.NOTED: _noted,
    Kind.STATUS_CHANGED: _status_changed,
    Kind.ASSIGNED: _assigned,
    Kind.UNASSIGNED: _unassigned,
    Kind.SOLVED: _solved,
    Kind.REOPENED: _reopened,
    Kind.CLOSED_BY_CUSTOMER: _closed_by_customer,
    Kind.DELIVERY_FAILED: _delivery_failed,
    Kind.CLEARED_OF_SPAM: _cleared_of_spam,
}
