"""One text in each language, side by side, kept as {"en": "...", "sv": "..."}."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator
from unfold.widgets import BASE_INPUT_CLASSES

_CLASS = " ".join([*BASE_INPUT_CLASSES, "sv-language"])


class LanguagesWidget(forms.MultiWidget):
    def __init__(self) -> None:
        texts: dict[str, forms.Widget | type[forms.Widget]] = {
            code: forms.TextInput(
                {
                    "class": " ".join([*BASE_INPUT_CLASSES, "sv-language"]),
                    "placeholder": name,
                    "aria-label": name,
                    "lang": code,
                }
            )
            for code, name in settings.LANGUAGES
        }
        super().__init__(texts)

    def decompress(self, value: Any) -> list[str]:
        texts = value if isinstance(value, dict) else {}
        return [texts.get(code, "") for code, _name in settings.LANGUAGES]


class LanguagesField(forms.MultiValueField):
    """Empty ones are left out."""

    widget = LanguagesWidget

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        limit = [MaxLengthValidator(max_length)]
        fields = [forms.CharField(required=False, validators=limit) for _language in settings.LANGUAGES]
        super().__init__(fields, required=False, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> dict[str, str]:
        texts = zip(dict(settings.LANGUAGES), data_list, strict=False)
        return {code: text.strip() for code, text in texts if text and text.strip()}
