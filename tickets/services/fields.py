"""The fields of cases that an organisation defines: which a case has, and what may stand in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from knowledge.models import Topic
from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import CustomField, Ticket, TicketEvent
from tickets.services import history
from tickets.services.history import Actor
from tickets.services.locking import locked_open
from tickets.services.order_numbers import check_digit_is_right, tidied

MAX_TEXT_CHARACTERS = 500
_NUMBER_LIMIT = Decimal(10) ** 15


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


def shown(field: CustomField, value: Any, language: str) -> str:
    """A value in words."""
    if value is None or value == "":
        return ""
    if field.kind == CustomField.Kind.FLAG:
        return _("Yes") if value else _("No")
    if field.kind == CustomField.Kind.CHOICE:
        return field.choice_label(str(value), language)
    return str(value)


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


def read_value(field: CustomField, raw: Any) -> Any:
    """What is kept of a value that was typed or sent. Raises TicketError with a sentence that names the field."""
    label = field.label_in(get_language() or "")
    empty = raw is None or (isinstance(raw, str) and not raw.strip())
    if empty:
        if field.is_required:
            raise _missing(label)
        return None
    return _READERS[CustomField.Kind(field.kind)](field, raw, label)


def read_example(field: CustomField, raw: str) -> Any:
    """What would be kept of a value; the field need not be saved yet. Raises TicketError where it would be refused."""
    return _READERS[CustomField.Kind(field.kind)](field, raw, field.key)


def _text(field: CustomField, raw: Any, label: str) -> str:
    text = clean(str(raw)).strip()
    if len(text) > MAX_TEXT_CHARACTERS:
        raise TicketError(
            _("“%(field)s” is too long: %(limit)s characters at most.") % {"field": label, "limit": MAX_TEXT_CHARACTERS}
        )
    if field.pattern and not _matches(field.pattern, text):
        raise _not_right(field, text, label)
    return text


def _order_number(field: CustomField, raw: Any, label: str) -> str:
    number = tidied(_text(CustomField(), raw, label))
    if field.pattern and not _matches(field.pattern, number, re.IGNORECASE):
        raise _not_right(field, number, label)
    if not check_digit_is_right(field.check_digit, number):
        raise _mistyped(number, label)
    return number


def _missing(label: str) -> TicketError:
    return TicketError(_("“%(field)s” cannot be left empty.") % {"field": label})


def _mistyped(number: str, label: str) -> TicketError:
    return TicketError(
        _("“%(value)s” cannot be right for “%(field)s”: a digit may be mistyped. Check it once more.")
        % {"value": number, "field": label}
    )


def _no_number(label: str) -> TicketError:
    return TicketError(_("“%(field)s” has to be a number.") % {"field": label})


def sentences_of(field: CustomField) -> dict[str, str]:
    """What is said in the reader's language where a value is missing, not right, or mistyped; "{value}" stands for it.

    For pages that say so before anything is sent.
    """
    label = field.label_in(get_language() or "")
    is_number = field.kind == CustomField.Kind.NUMBER
    return {
        "missing": str(_missing(label)),
        "wrong": str(_no_number(label) if is_number else _not_right(field, "{value}", label)),
        "mistyped": str(_mistyped("{value}", label)),
    }


def _not_right(field: CustomField, text: str, label: str) -> TicketError:
    """In the words of whoever defined the field, where they found some."""
    said = field.error_in(get_language() or "")
    return TicketError(said or _("“%(value)s” is not right for “%(field)s”.") % {"value": text, "field": label})


def _matches(pattern: str, text: str, flags: int = 0) -> bool:
    try:
        return re.fullmatch(pattern, text, flags) is not None
    except re.error:
        # The admin refuses such a pattern; one that came another way must not stop the work.
        return True


def _number(field: CustomField, raw: Any, label: str) -> int | float:
    text = "".join(str(raw).split()).replace(",", ".")
    try:
        number = Decimal(text)
        if isinstance(raw, bool) or not number.is_finite() or abs(number) >= _NUMBER_LIMIT:
            raise InvalidOperation
    except InvalidOperation:
        raise _no_number(label) from None
    return int(number) if number == number.to_integral_value() else float(number)


def _choice(field: CustomField, raw: Any, label: str) -> str:
    if str(raw) not in {str(key) for key in field.choices}:
        raise TicketError(_("Choose one of the values for “%(field)s”.") % {"field": label})
    return str(raw)


def _date(field: CustomField, raw: Any, label: str) -> str:
    try:
        return date.fromisoformat(str(raw).strip()).isoformat()
    except ValueError:
        raise TicketError(
            _("Write the date of “%(field)s” as year-month-day, such as 2026-11-22.") % {"field": label}
        ) from None


def _flag(field: CustomField, raw: Any, label: str) -> bool:
    known = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
    found = known.get(str(raw).strip().lower())
    if found is None:
        raise TicketError(_("Say yes or no to “%(field)s”.") % {"field": label})
    return found


_READERS: dict[CustomField.Kind, Callable[[CustomField, Any, str], Any]] = {
    CustomField.Kind.TEXT: _text,
    CustomField.Kind.NUMBER: _number,
    CustomField.Kind.CHOICE: _choice,
    CustomField.Kind.DATE: _date,
    CustomField.Kind.FLAG: _flag,
    CustomField.Kind.ORDER_NUMBER: _order_number,
}
