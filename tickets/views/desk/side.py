"""What stands beside a case: the customer, what the case is about, who takes part, what it hangs together with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from knowledge.models import Topic
from knowledge.templatetags.languages import spoken_language
from tickets.models import Callback, Customer, Identity, Mailbox, Rating, Team, Ticket
from tickets.services.duplicates import lookalikes
from tickets.services.fields import FieldOfCase, fields_for
from tickets.services.linking import LinkedCase, linked_cases
from tickets.services.participants import OnTheMail, on_last_mail
from tickets.services.phone_numbers import shown
from tickets.services.ratings import rating_of
from tickets.services.tagging import often_used
from tickets.views.desk.door import DeskRequest

# The key that opens each property.
_KEYS = {"priority": "p", "type": "y", "language": "l", "topic": "o"}


@dataclass(frozen=True)
class Refused:
    """A form of the panel that could not be taken: which one, what was typed, and why."""

    form: str
    typed: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    """By field, where the form has several."""


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Property:
    name: str
    label: str
    shown: str
    choices: list[Choice]
    key: str
    is_notable: bool
    """Not what most cases have, so worth a second look."""


@dataclass(frozen=True)
class Side:
    properties: list[Property]
    identities: list[Identity]
    calls: list[tuple[Callback, str]]
    """Call-backs with their numbers as people read them."""
    tags: list[str]
    tag_choices: list[str]
    fields: list[FieldOfCase]
    people: list[Customer]
    offered: list[OnTheMail]
    links: list[LinkedCase]
    is_followed: bool
    followers: list[str]
    lookalikes: list[tuple[Customer, list[str]]]
    rating: Rating | None
    refused: Refused | None

    @property
    def has_missing_fields(self) -> bool:
        return any(one.field.is_required and one.value is None for one in self.fields)


def side_for(request: DeskRequest, ticket: Ticket, refused: Refused | None = None) -> Side:
    """A fixed number of queries, however much hangs on the case."""
    followers = list(ticket.followers.all())
    typed, errors = (refused.typed, refused.errors) if refused and refused.form == "fields" else ({}, {})
    rows = ticket.participants.select_related("customer").prefetch_related("customer__identities")
    return Side(
        properties=list(_properties(ticket, request.LANGUAGE_CODE)),
        identities=list(ticket.customer.identities.all()),
        calls=[(one, shown(one.number)) for one in ticket.callbacks.order_by("-booked_at")[:3]],
        tags=list(ticket.tags.values_list("name", flat=True)),
        tag_choices=often_used(ticket),
        fields=fields_for(ticket, dict(typed), dict(errors)),
        people=[row.customer for row in rows],
        offered=on_last_mail(ticket),
        links=linked_cases(ticket, Ticket.objects.visible_to(request.user)),
        is_followed=request.user in followers,
        followers=[str(one) for one in followers if one != request.user],
        lookalikes=lookalikes(ticket.customer),
        rating=rating_of(ticket),
        refused=refused,
    )


def _properties(ticket: Ticket, language: str) -> Iterable[Property]:
    topics = [(one.slug, one.name_in(language)) for one in Topic.objects.with_names()]
    teams = [(one.key, one.name) for one in Team.objects.all()]
    mailboxes = [(one.address, one.address) for one in Mailbox.objects.all() if one.is_active or one == ticket.mailbox]
    languages = [(code, spoken_language(code).capitalize()) for code, _name in settings.LANGUAGES]
    none = ("", _("None"))
    yield _property("priority", _("Priority"), ticket.priority, Ticket.Priority.choices, usual=Ticket.Priority.NORMAL)
    yield _property("type", _("Type"), ticket.type, Ticket.Type.choices, usual=Ticket.Type.QUESTION)
    yield _property("topic", _("Topic"), ticket.topic.slug if ticket.topic else "", [none, *topics])
    if teams:
        yield _property("team", _("Team"), ticket.team.key if ticket.team else "", [none, *teams])
    yield _property("language", _("Language"), ticket.language, languages)
    if mailboxes:
        usual = ("", _("The usual address"))
        yield _property(
            "mailbox", _("Answered from"), ticket.mailbox.address if ticket.mailbox else "", [usual, *mailboxes]
        )


def _property(
    name: str, label: str, value: str, choices: Iterable[tuple[str, Any]], usual: str | None = None
) -> Property:
    options = [Choice(key, str(text), key == value) for key, text in choices]
    shown = next((one.label for one in options if one.is_chosen), value)
    return Property(name, label, shown, options, _KEYS.get(name, ""), usual is not None and value != usual)
