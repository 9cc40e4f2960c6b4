"""What the case page needs to address files, and to send a thing once."""

from __future__ import annotations

import uuid
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tickets.models import Attachment
from tickets.services.links import attachment_path
from tickets.services.public_names import agent_name

register = template.Library()


@register.filter
def file_link(attachment: Attachment) -> str:
    """The signed, expiring address of a file."""
    return attachment_path(attachment)


@register.filter
def customers_name(agent: Any) -> str:
    """What customers read of an agent."""
    return agent_name(agent)


@register.simple_tag(takes_context=True)
def nonce_field(context: Context) -> SafeString:
    """A hidden name for what is about to be sent; a form that comes back with an error keeps it."""
    given = context["request"].POST.get("nonce", "")
    nonce = given if given.isalnum() and len(given) <= 64 else uuid.uuid4().hex
    return format_html('<input type="hidden" name="nonce" value="{}">', nonce)
