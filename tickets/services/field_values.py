"""What stands in a field of a case: read as people type it, kept in one form, and said in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import CustomField
from tickets.services.order_numbers import check_digit_is_right, tidied

MAX_TEXT_CHARACTERS = 500
_NUMBER_LIMIT = Decimal(10) ** 15


def shown(field: CustomField, value: Any, language: str) -> str:
    """A value in words."""
    if value is None or value == "":
        return ""
    if field.kind == CustomField.Kind.FLAG:
        return _("Yes") if value else _("No")
    if field.kind == CustomField.Kind.CHOICE:
        return field.choice_label(str(value), language)
    return str(value)


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
