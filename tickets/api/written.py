"""A customer's message as the public API takes it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from tickets.errors import TicketError
from tickets.services.intake import MAX_MESSAGE_CHARACTERS, clean_message


class MessageField(serializers.CharField):
    """Read as our own pages read it, and refused in the same words: the widget shows them to the person who writes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_MESSAGE_CHARACTERS, trim_whitespace=False, **kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        if isinstance(data, str):
            try:
                data = clean_message(data)
            except TicketError as error:
                raise serializers.ValidationError(str(error)) from None
        return super().run_validation(data)
