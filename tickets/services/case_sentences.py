"""What each kind of event says to agents, one sentence each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from knowledge.templatetags.languages import spoken_language
from tickets.models import ChannelKind, DemandType, InboundMail, Ticket, TicketEvent, TicketLink
from tickets.services.callback_words import event_for_agents

Kind = TicketEvent.Kind


@dataclass(frozen=True)
class Names:
    """What the keys in a history are called, in the reader's language."""

    articles: dict[str, str] = field(default_factory=dict)
    topics: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    root_causes: dict[str, str] = field(default_factory=dict)


Sentence = Callable[[TicketEvent, Names], str]


def who_did(event: TicketEvent) -> str:
    if event.actor_kind == TicketEvent.ActorKind.CUSTOMER:
        wrote = event.kind in (Kind.CUSTOMER_WROTE, Kind.REOPENED)
        return str(event.data.get("who") if wrote and event.data.get("who") else _("The customer"))
    if event.actor_kind == TicketEvent.ActorKind.SYSTEM:
        return "Svar"
    return str(event.actor) if event.actor else _("Somebody")


def _label(choices: Any, value: object) -> str:
    return str(dict(choices).get(str(value), value))


def _channel(event: TicketEvent) -> str:
    return _label(ChannelKind.choices, event.data.get("channel", "")).lower()


def _received(event: TicketEvent, names: Names) -> str:
    return _("The case came in by %(channel)s") % {"channel": _channel(event)}


def _customer_wrote(event: TicketEvent, names: Names) -> str:
    if who := event.data.get("who"):
        return _("%(who)s wrote by %(channel)s") % {"who": who, "channel": _channel(event)}
    return _("The customer wrote by %(channel)s") % {"channel": _channel(event)}


def _replied(event: TicketEvent, names: Names) -> str:
    return _("%(who)s answered the customer") % {"who": who_did(event)}


def _noted(event: TicketEvent, names: Names) -> str:
    return _("%(who)s wrote a note") % {"who": who_did(event)}


def _status_changed(event: TicketEvent, names: Names) -> str:
    return _("%(who)s changed the status from “%(was)s” to “%(now)s”") % {
        "who": who_did(event),
        "was": _label(Ticket.Status.choices, event.data.get("was")),
        "now": _label(Ticket.Status.choices, event.data.get("now")),
    }


def _assigned(event: TicketEvent, names: Names) -> str:
    who, to = who_did(event), str(event.data.get("to", ""))
    if who == to:
        return _("%(who)s took the case") % {"who": who}
    return _("%(who)s gave the case to %(to)s") % {"who": who, "to": to}


def _unassigned(event: TicketEvent, names: Names) -> str:
    return _("%(who)s put the case back among the unassigned") % {"who": who_did(event)}


def _solved(event: TicketEvent, names: Names) -> str:
    if key := event.data.get("article"):
        title = names.articles.get(str(key), str(key))
        return _("%(who)s solved the case with “%(article)s”") % {"who": who_did(event), "article": title}
    if not event.data.get("is_missing", "article" in event.data):
        return _("%(who)s solved the case") % {"who": who_did(event)}
    return _("%(who)s solved the case; no article answers it") % {"who": who_did(event)}


def _judged(event: TicketEvent, names: Names) -> str:
    if key := event.data.get("article"):
        title = names.articles.get(str(key), str(key))
        return _("%(who)s said that “%(article)s” answers the case") % {"who": who_did(event), "article": title}
    return _("%(who)s said that no article answers the case") % {"who": who_did(event)}


def _reopened(event: TicketEvent, names: Names) -> str:
    return _("%(who)s opened the case again") % {"who": who_did(event)}


def _closed_by_customer(event: TicketEvent, names: Names) -> str:
    if key := event.data.get("article"):
        title = names.articles.get(str(key), str(key))
        return _("The customer closed the case; “%(article)s” answered it") % {"article": title}
    return _("The customer closed the case")


def _delivery_failed(event: TicketEvent, names: Names) -> str:
    return _("A message to %(to)s could not be delivered: %(reason)s") % {
        "to": event.data.get("to", ""),
        "reason": event.data.get("reason", ""),
    }


def _marked_as_spam(event: TicketEvent, names: Names) -> str:
    return _("%(who)s marked the case as spam") % {"who": who_did(event)}


def _cleared_of_spam(event: TicketEvent, names: Names) -> str:
    return _("%(who)s found that the case is not spam") % {"who": who_did(event)}


def _send_undone(event: TicketEvent, names: Names) -> str:
    if event.data.get("solved"):
        return _("%(who)s took the solving back before anything left") % {"who": who_did(event)}
    return _("%(who)s took an answer back before it left") % {"who": who_did(event)}


def _bounced(event: TicketEvent, names: Names) -> str:
    to, reason = event.data.get("to", ""), event.data.get("reason", "")
    if event.data.get("delayed"):
        return _("A message to %(to)s is delayed: %(reason)s") % {"to": to, "reason": reason}
    if event.data.get("passing"):
        return _("A message to %(to)s did not arrive, and a later one may: %(reason)s") % {"to": to, "reason": reason}
    return _("A message to %(to)s came back: %(reason)s") % {"to": to, "reason": reason}


def _letter_withheld(event: TicketEvent, names: Names) -> str:
    told = {"to": event.data.get("to", "")}
    if event.data.get("why") == "bounced":
        return _("An automatic letter to %(to)s was not sent: nothing reaches that address") % told
    return _("An automatic letter to %(to)s was not sent: there were too many lately") % told


def _automatic_mail(event: TicketEvent, names: Names) -> str:
    cause = event.data.get("cause")
    if not cause:
        return _("An automatic letter came; nothing was answered")
    return _("An automatic letter came and was not answered: %(cause)s") % {
        "cause": _label(InboundMail.Cause.choices, cause)
    }


def _merged(event: TicketEvent, names: Names) -> str:
    return _("%(who)s merged %(case)s into this case") % {"who": who_did(event), "case": event.data.get("case", "")}


def _merged_away(event: TicketEvent, names: Names) -> str:
    return _("%(who)s merged this case into %(case)s") % {"who": who_did(event), "case": event.data.get("into", "")}


def _unmerged(event: TicketEvent, names: Names) -> str:
    return _("%(who)s parted this case from %(case)s again") % {
        "who": who_did(event),
        "case": event.data.get("case", ""),
    }


def _split(event: TicketEvent, names: Names) -> str:
    count = int(event.data.get("messages") or 1)
    text = ngettext(
        "%(who)s made a case of its own of %(count)s message: %(case)s",
        "%(who)s made a case of its own of %(count)s messages: %(case)s",
        count,
    )
    return text % {"who": who_did(event), "count": count, "case": event.data.get("case", "")}


def _split_off(event: TicketEvent, names: Names) -> str:
    return _("%(who)s split this case off from %(case)s") % {
        "who": who_did(event),
        "case": event.data.get("case", ""),
    }


def _linked(event: TicketEvent, names: Names) -> str:
    told = {"who": who_did(event), "case": event.data.get("to", "")}
    how = event.data.get("how", TicketLink.Kind.RELATED)
    if how == TicketLink.Kind.RELATED:
        return _("%(who)s linked this case with %(case)s") % told
    return _("%(who)s linked this case with %(case)s (%(how)s)") % (
        told | {"how": _label(TicketLink.Kind.choices, how).lower()}
    )


def _unlinked(event: TicketEvent, names: Names) -> str:
    return _("%(who)s removed the link with %(case)s") % {"who": who_did(event), "case": event.data.get("to", "")}


def _tagged(event: TicketEvent, names: Names) -> str:
    added, removed = (_quoted(event.data.get(key)) for key in ("added", "removed"))
    if added and removed:
        return _("%(who)s added the tags %(added)s and removed %(removed)s") % {
            "who": who_did(event),
            "added": added,
            "removed": removed,
        }
    if removed:
        text = ngettext(
            "%(who)s removed the tag %(tags)s", "%(who)s removed the tags %(tags)s", _count(event, "removed")
        )
        return text % {"who": who_did(event), "tags": removed}
    text = ngettext("%(who)s added the tag %(tags)s", "%(who)s added the tags %(tags)s", _count(event, "added"))
    return text % {"who": who_did(event), "tags": added}


def _count(event: TicketEvent, key: str) -> int:
    names = event.data.get(key)
    return len(names) if isinstance(names, list) else 1


def _quote(words: object) -> str:
    return _("“%(words)s”") % {"words": words}


def _quoted(names: object) -> str:
    return ", ".join(_quote(name) for name in names) if isinstance(names, list) else ""


def _participant_added(event: TicketEvent, names: Names) -> str:
    return _("%(who)s put %(person)s on copy") % {"who": who_did(event), "person": _person(event)}


def _participant_removed(event: TicketEvent, names: Names) -> str:
    return _("%(who)s took %(person)s off the copies") % {"who": who_did(event), "person": _person(event)}


def _person(event: TicketEvent) -> str:
    data = event.data
    # "who" is the person here; the agent stands in the event itself.
    name, email = str(data.get("who", "")), str(data.get("email", ""))
    return f"{name} ({email})" if name and email and name != email else name or email


def _classified(event: TicketEvent, names: Names) -> str:
    cause, demand = event.data.get("root_cause"), event.data.get("demand_type")
    told = [names.root_causes.get(str(cause), str(cause))] if cause else []
    told += [_label(DemandType.choices, demand)] if demand else []
    if not told:
        return _("%(who)s took back what was noted as its cause") % {"who": who_did(event)}
    return _("%(who)s noted why it came: %(why)s") % {"who": who_did(event), "why": "; ".join(told)}


def _rated(event: TicketEvent, names: Names) -> str:
    satisfaction, effort = event.data.get("satisfaction"), event.data.get("effort")
    told = [_("%(points)s of 5 for satisfaction") % {"points": satisfaction}] if satisfaction else []
    told += [_("%(points)s of 7 for ease") % {"points": effort}] if effort else []
    return _("The customer rated the case: %(ratings)s") % {"ratings": ", ".join(told)}


def _link_sent(event: TicketEvent, names: Names) -> str:
    if to := event.data.get("to"):
        return _("The link to the case was sent again to %(to)s") % {"to": to}
    return _("The link to the case was sent again")


def _links_revoked(event: TicketEvent, names: Names) -> str:
    return _("%(who)s made all earlier links to the case invalid") % {"who": who_did(event)}


def _imported(event: TicketEvent, names: Names) -> str:
    if source := event.data.get("source"):
        return _("The case was brought in from %(source)s") % {"source": source}
    return _("The case was brought in from another system")


def _changed(event: TicketEvent, names: Names) -> str:
    what = str(event.data.get("what", ""))
    was, now = (_value(what, event.data.get(key), names) for key in ("was", "now"))
    told = {"who": who_did(event), "what": _name_of(what, event, names), "was": was, "now": now}
    if not was:
        return _("%(who)s set %(what)s to “%(now)s”") % told
    if not now:
        return _("%(who)s removed %(what)s “%(was)s”") % told
    return _("%(who)s changed %(what)s from “%(was)s” to “%(now)s”") % told


def _name_of(what: str, event: TicketEvent, names: Names) -> str:
    known = {
        "priority": _("the priority"),
        "type": _("the type"),
        "language": _("the language"),
        "topic": _("the topic"),
        "team": _("the team"),
        "subject": _("the subject"),
        "mailbox": _("the mailbox"),
        "customer": _("the customer"),
    }
    if what == "field":
        key = str(event.data.get("field", ""))
        return _quote(names.fields.get(key, key))
    return known.get(what, _quote(what))


def _value(what: str, value: object, names: Names) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if what == "language":
        return spoken_language(str(value))
    choices = {"priority": Ticket.Priority.choices, "type": Ticket.Type.choices, "topic": names.topics.items()}
    return _label(choices.get(what, ()), value)


def _call_logged(event: TicketEvent, names: Names) -> str:
    return _("%(who)s noted a call") % {"who": who_did(event)}


def _callback(event: TicketEvent, names: Names) -> str:
    return event_for_agents(event.kind, who_did(event), event.data)


def _chat_begun(event: TicketEvent, names: Names) -> str:
    return _("The customer began a chat")


def _chat_accepted(event: TicketEvent, names: Names) -> str:
    return _("%(who)s took the chat") % {"who": who_did(event)}


def _chat_handed_over(event: TicketEvent, names: Names) -> str:
    if event.actor_id is not None and event.data.get("to_id") == event.actor_id:
        return _("%(who)s took the chat over") % {"who": who_did(event)}
    return _("%(who)s handed the chat over to %(to)s") % {"who": who_did(event), "to": event.data.get("to", "")}


def _chat_missed(event: TicketEvent, names: Names) -> str:
    return _("Nobody answered the chat in time; it goes on as a case")


def _chat_ended(event: TicketEvent, names: Names) -> str:
    if event.actor_kind == TicketEvent.ActorKind.SYSTEM:
        return _("The chat ended, because nothing was written for a while")
    return _("%(who)s ended the chat") % {"who": who_did(event)}


SENTENCES: dict[Kind, Sentence] = {
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
    Kind.MARKED_AS_SPAM: _marked_as_spam,
    Kind.CLEARED_OF_SPAM: _cleared_of_spam,
    Kind.SEND_UNDONE: _send_undone,
    Kind.BOUNCED: _bounced,
    Kind.LETTER_WITHHELD: _letter_withheld,
    Kind.AUTOMATIC_MAIL: _automatic_mail,
    Kind.MERGED: _merged,
    Kind.MERGED_AWAY: _merged_away,
    Kind.UNMERGED: _unmerged,
    Kind.SPLIT: _split,
    Kind.SPLIT_OFF: _split_off,
    Kind.LINKED: _linked,
    Kind.UNLINKED: _unlinked,
    Kind.TAGGED: _tagged,
    Kind.CHANGED: _changed,
    Kind.PARTICIPANT_ADDED: _participant_added,
    Kind.PARTICIPANT_REMOVED: _participant_removed,
    Kind.CLASSIFIED: _classified,
    Kind.JUDGED: _judged,
    Kind.RATED: _rated,
    Kind.LINK_SENT: _link_sent,
    Kind.LINKS_REVOKED: _links_revoked,
    Kind.IMPORTED: _imported,
    Kind.CHAT_BEGUN: _chat_begun,
    Kind.CHAT_ACCEPTED: _chat_accepted,
    Kind.CHAT_HANDED_OVER: _chat_handed_over,
    Kind.CHAT_MISSED: _chat_missed,
    Kind.CHAT_ENDED: _chat_ended,
    Kind.CALL_LOGGED: _call_logged,
    Kind.CALLBACK_BOOKED: _callback,
    Kind.CALLBACK_MOVED: _callback,
    Kind.CALLBACK_CANCELLED: _callback,
    Kind.CALLBACK_TRIED: _callback,
    Kind.CALLBACK_LATE: _callback,
}
