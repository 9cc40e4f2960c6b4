"""What was said, as the desk shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django import template
from django.utils.html import escape, urlize
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def as_said(text: str, mentioned: Sequence[str] = ()) -> SafeString:
    """The text, escaped, with its addresses as links and the colleagues that it names marked."""
    html = urlize(text, autoescape=True)
    for name in mentioned:
        html = re.sub(
            rf"(?<![\w.])@({re.escape(escape(name))})(?!\w)", r'<b class="mention">@\1</b>', html, flags=re.IGNORECASE
        )
    return mark_safe(html)  # noqa: S308 (escaped by urlize; what is put in is escaped above)
