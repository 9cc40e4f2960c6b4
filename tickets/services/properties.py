"""What a case is about and who looks after it: each property changed on its own, with its line in the history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.models import Topic
from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import Mailbox, Team, Ticket, TicketEvent, TopicTeam
from tickets.services import history
from tickets.services.history import Actor
from tickets.services.locking import locked_open

MAX_SUBJECT_CHARACTERS = 200


@transaction.atomic
def change_property(ticket: Ticket, name: str, value: Any, *, by: Actor) -> bool:
    """Sets priority, type, language, topic, team, subject or mailbox; False when it was so already.

    A topic is named by its slug, a team by its key, a mailbox by its address (or each by its row); "" or None takes
    it away. Where the team followed from the topic, it follows the new topic. Raises TicketError for any other name
    or value, and for a case that was merged away.
    """
    if name not in _READ:
        raise TicketError(_("That cannot be changed."))
    new = _READ[name](value)
    ticket = locked_open(ticket)
    if getattr(ticket, name) == new:
        return False
    before = ticket.topic if name == "topic" else None
    _set(ticket, name, new, by)
    if name == "topic":
        _let_team_follow(ticket, before, by)
    ticket.updated_at = timezone.now()
    ticket.save()
    return True


def _set(ticket: Ticket, name: str, new: Any, by: Actor) -> None:
    was = getattr(ticket, name)
    setattr(ticket, name, new)
    history.record(ticket, TicketEvent.Kind.CHANGED, by, what=name, was=_told(was), now=_told(new))


def _told(value: Any) -> str:
    """The value as the history keeps it: a topic by its slug, which lasts and has a name in every language."""
    if isinstance(value, Topic):
        return value.slug
    return "" if value is None else str(value)


def _let_team_follow(ticket: Ticket, before: Topic | None, by: Actor) -> None:
    if ticket.team != team_of_topic(before):
        return
    team = team_of_topic(ticket.topic)
    if team is not None and team != ticket.team:
        _set(ticket, "team", team, by)


def team_of_topic(topic: Topic | None) -> Team | None:
    """The team that answers cases of a topic, where one does."""
    row = TopicTeam.objects.select_related("team").filter(topic=topic).first() if topic else None
    return row.team if row else None


def _choice(values: list[str], sentence: Callable[[], str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if str(value) not in values:
            raise TicketError(sentence())
        return str(value)

    return read


def _row(model: Any, key: str, sentence: Callable[[], str]) -> Callable[[Any], Model | None]:
    def read(value: Any) -> Model | None:
        if value is None or value == "":
            return None
        found: Model | None = value if isinstance(value, model) else None
        if found is None and isinstance(value, str) and "\x00" not in value:
            found = model.objects.filter(**{key: value}).first()
        if found is None:
            raise TicketError(sentence())
        return found

    return read


def _subject(value: Any) -> str:
    subject = " ".join(clean(str(value or "")).split())
    if len(subject) > MAX_SUBJECT_CHARACTERS:
        raise TicketError(
            _("The subject is %(length)s characters long; the limit is %(limit)s.")
            % {"length": len(subject), "limit": MAX_SUBJECT_CHARACTERS}
        )
    return subject


_READ: dict[str, Callable[[Any], Any]] = {
    "priority": _choice(Ticket.Priority.values, lambda: _("There is no such priority.")),
    "type": _choice(Ticket.Type.values, lambda: _("There is no such type.")),
    "language": _choice([code for code, _name in settings.LANGUAGES], lambda: _("That language is not one of ours.")),
    "topic": _row(Topic, "slug", lambda: _("There is no such topic.")),
    "team": _row(Team, "key", lambda: _("There is no such team.")),
    "mailbox": _row(Mailbox, "address", lambda: _("There is no such mailbox.")),
    "subject": _subject,
}
PROPERTIES = tuple(_READ)
