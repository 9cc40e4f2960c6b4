"""The organisation's own fields as parts of the contact form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tickets.errors import TicketError
from tickets.models import CustomField
from tickets.services.field_values import MAX_TEXT_CHARACTERS, read_value, sentences_of
from tickets.services.order_numbers import pattern_for_browsers

Kind = CustomField.Kind


def form_name(key: str) -> str:
    return f"field-{key}"


class AskedField(forms.CharField):
    """One field of a topic, with all that a browser needs to check it; the service has the last word."""

    def __init__(self, field: CustomField) -> None:
        language = get_language() or ""
        super().__init__(
            label=field.label_in(language),
            help_text=field.hint_in(language),
            required=False,
            strip=False,
            widget=_widget(field, language),
        )
        self.asked = field
        self.is_optional = not field.is_required

    def clean(self, value: Any) -> Any:
        try:
            return read_value(self.asked, value)
        except TicketError as error:
            raise forms.ValidationError(str(error)) from None


def _widget(field: CustomField, language: str) -> forms.Widget:
    attrs: dict[str, Any] = {"data-kind": field.kind, "autocomplete": "off"}
    attrs |= {f"data-{name}": sentence for name, sentence in sentences_of(field).items()}
    if field.is_required:
        attrs["required"] = True
    match field.kind:
        case Kind.CHOICE:
            choices = [(str(key), field.choice_label(str(key), language)) for key in field.choices]
            return forms.Select(attrs, choices=[("", _("Choose")), *choices])
        case Kind.FLAG:
            answers = [("yes", _("Yes")), ("no", _("No"))]
            return forms.Select(attrs, choices=[("", _("Choose")), *answers])
        case Kind.DATE:
            return forms.DateInput({**attrs, "type": "date"}, format="%Y-%m-%d")
        case Kind.NUMBER:
            return forms.TextInput({**attrs, "inputmode": "decimal", "maxlength": 40})
        case _:
            attrs |= {"data-pattern": pattern_for_browsers(field.pattern), "maxlength": MAX_TEXT_CHARACTERS}
            if field.kind == Kind.ORDER_NUMBER:
                attrs |= {"data-check": field.check_digit, "autocapitalize": "characters", "spellcheck": "false"}
            return forms.TextInput(attrs)
