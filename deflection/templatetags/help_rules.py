"""What a page has to know so that it can offer help by itself."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.db import DatabaseError
from django.template import Context

from deflection.models import HelpRule
from deflection.services.help_rules import rules_for

register = template.Library()
Page = HelpRule.Page
_PAGES = {"home": Page.HOME, "topic": Page.TOPIC, "article": Page.ARTICLE, "search": Page.SEARCH}
# There somebody is on the way to a person already.
_NEVER = ("contact", "answered", "answered_thanks", "chat", "chat_room", "callback", "callback_booked", "phone", "case")


@register.inclusion_tag("deflection/parts/help_rules.html", takes_context=True)
def help_rules(context: Context) -> dict[str, Any]:
    """The page's script with the rules that count here; nothing where there are none, as long as none is in use."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    if match is None or match.url_name in _NEVER:
        return {}
    page = _PAGES.get(match.url_name or "", Page.ANY)
    topic = getattr(request, "topic", None)
    try:
        rules = rules_for(page, topic)
    except DatabaseError:
        # The error page of a broken database.
        return {}
    told = [{"id": rule.pk, "on": rule.trigger, "seconds": rule.seconds} for rule in rules]
    return {"rules": json.dumps(told) if told else "", "page": page.value, "topic": topic.slug if topic else ""}
