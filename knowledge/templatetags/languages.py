"""Languages named for readers."""

from __future__ import annotations

from babel import Locale
from django import template
from django.conf import settings
from django.utils.translation import get_language

register = template.Library()


@register.filter
def spoken_language(code: str) -> str:
    """A language's name in the reader's language, as it stands within a sentence ("svenska", "Swedish").

    Not called `language_name`: that is a filter of Django's, which knows names for headings only.
    """
    return str(Locale.parse(get_language() or settings.LANGUAGE_CODE).languages.get(code, code))
