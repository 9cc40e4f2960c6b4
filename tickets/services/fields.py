"""The fields of cases that an organisation defines: which a case has, and what may stand in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from knowledge.models import Topic
from tickets.errors import TicketError
from tickets.models import CustomField, Ticket, TicketEvent
from tickets.services import history
from tickets.services.field_values import read_value, shown
from tickets.services.history import Actor
from tickets.services.locking import locked_open


class FieldsError(TicketError):
    """`by_key` holds one sentence for each field that cannot be taken."""

    def __init__(self, by_key: dict[str, str]) -> None:
        self.by_key = by_key
        super().__init__(" ".join(by_key.values()))


@dataclass(frozen=True)
class FieldOfCase:
    """A field with what stands in it, for one case and one reader."""

    field: CustomField
    label: str
    hint: str
    value: Any
    shown: str
    """The value in words; "" where there is none."""
    choices: list[tuple[str, str]]
    error: str = ""

    @property
    def text(self) -> str:
        """The value as a form's input holds it."""
        if self.value is None:
            return ""
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        return str(self.value)


def fields_for(
    ticket: Ticket, typed: dict[str, Any] | None = None, errors: dict[str, str] | None = None
) -> list[FieldOfCase]:
    """The fields of a case of its topic, named in the reader's language. Two queries, three below another topic.

    `typed` and `errors` bring back what could not be taken, with the reason.
    """
    language = get_language() or ticket.language
    return [_of_case(one, ticket, language, typed or {}, errors or {}) for one in fields_of_topic(ticket.topic)]


def fields_of_topic(topic: Topic | None) -> list[CustomField]:
    """What is asked about a matter: the fields of all topics first, then of the topmost one, down to its own.

    Their names in all languages are read with them.
    """
    above = _lineage(topic) if topic else []
    place = {pk: number for number, pk in enumerate(above, start=1)}
    wanted = Q(topics__isnull=True) | Q(topics__in=above)
    found = CustomField.objects.filter(wanted, is_active=True).annotate(of_topic=F("topics")).prefetch_related("texts")
    fields: dict[int, CustomField] = {}
    # A field of several of these topics stands where the topmost of them does.
    for field in sorted(found, key=lambda one: place.get(one.of_topic, 0)):
        fields.setdefault(field.pk, field)
    return list(fields.values())


def _lineage(topic: Topic) -> list[int]:
    """The topic and those above it, the topmost first."""
    if topic.parent_id is None:
        return [topic.pk]
    parents = dict(Topic.objects.values_list("pk", "parent_id"))
    found: list[int] = []
    at: int | None = topic.pk
    while at is not None and at not in found:
        found.insert(0, at)
        at = parents.get(at)
    return found


def _of_case(
    field: CustomField, ticket: Ticket, language: str, typed: dict[str, Any], errors: dict[str, str]
) -> FieldOfCase:
    value = typed.get(field.key, ticket.fields.get(field.key))
    texts = {text.language: text for text in field.texts.all()}
    text = texts.get(language) or next(iter(texts.values()), None)
    return FieldOfCase(
        field=field,
        label=field.label_in(language),
        hint=text.hint if text else "",
        value=value,
        shown=shown(field, ticket.fields.get(field.key), language),
        choices=[(str(key), field.choice_label(str(key), language)) for key in field.choices],
        error=errors.get(field.key, ""),
    )


@transaction.atomic
def set_fields(ticket: Ticket, values: dict[str, Any], *, by: Actor) -> bool:
    """Sets the fields that are named in `values` and leaves the others; None or "" empties one.

    False when nothing changed. Raises FieldsError, with a sentence for each field, when any cannot be taken: then
    none is.
    """
    ticket = locked_open(ticket)
    defined = {field.key: field for field in fields_of_topic(ticket.topic)}
    taken, errors = _read_all(defined, values)
    if errors:
        raise FieldsError(errors)
    changed = {key: new for key, new in taken.items() if ticket.fields.get(key) != new}
    for key, new in changed.items():
        was = ticket.fields.get(key)
        history.record(ticket, TicketEvent.Kind.CHANGED, by, what="field", field=key, was=was, now=new)
    if changed:
        kept = {key: value for key, value in (ticket.fields | changed).items() if value is not None}
        ticket.fields = kept
        ticket.updated_at = timezone.now()
        ticket.save(update_fields=["fields", "updated_at"])
    return bool(changed)


def asked_of_customers(topic: Topic | None) -> list[CustomField]:
    """What the contact form asks about a matter."""
    return [field for field in fields_of_topic(topic) if field.is_for_customers]


def read_fields(topic: Topic | None, values: dict[str, Any]) -> dict[str, Any]:
    """What a new case of this topic keeps of the values that came with it; only those that were given are looked at.

    Raises FieldsError, with a sentence for each field, when any cannot be taken.
    """
    given = {key: raw for key, raw in values.items() if raw is not None and raw != ""}
    defined = {field.key: field for field in asked_of_customers(topic)} if given else {}
    taken, errors = _read_all(defined, given)
    if errors:
        raise FieldsError(errors)
    return taken


def _read_all(defined: dict[str, CustomField], values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    taken: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for key, raw in values.items():
        if key not in defined:
            errors[key] = _("This case has no field “%(key)s”.") % {"key": key}
            continue
        try:
            taken[key] = read_value(defined[key], raw)
        except TicketError as error:
            errors[key] = str(error)
    return taken, errors
