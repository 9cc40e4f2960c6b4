"""The shapes of cases and messages in the API. What goes out is made by `services/case_data.py`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import serializers

from tickets.models import ChannelKind, DemandType, Message, OutboxMessage, Ticket
from tickets.services.intake import MAX_MESSAGE_CHARACTERS, MAX_SUBJECT_CHARACTERS
from tickets.services.lifecycle import SETTABLE

MAX_PAGE = 100
_MAX_TAGS = 50
SETTABLE_STATUSES = [str(status.value) for status in (*SETTABLE, Ticket.Status.SOLVED)]


class CasesQuery(serializers.Serializer[Any]):
    status = serializers.MultipleChoiceField(
        choices=Ticket.Status.choices, required=False, help_text="Repeat it for several: `status=new&status=open`."
    )
    assignee = serializers.CharField(
        required=False, max_length=254, help_text="An agent's e-mail address, `me`, or `none`."
    )
    tag = serializers.CharField(required=False, max_length=50)
    topic = serializers.SlugField(required=False, max_length=60)
    customer = serializers.CharField(required=False, max_length=254, help_text="The customer's e-mail address.")
    updated_since = serializers.DateTimeField(
        required=False, help_text="RFC 3339. Cases that changed at this time or later."
    )
    limit = serializers.IntegerField(min_value=1, max_value=MAX_PAGE, default=50)
    cursor = serializers.CharField(
        required=False, allow_blank=True, max_length=120, default="", help_text="From `next` of the page before."
    )


class PageQuery(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=MAX_PAGE, default=50)
    cursor = serializers.CharField(
        required=False, allow_blank=True, max_length=120, default="", help_text="From `next` of the page before."
    )


class CaseCustomer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_null=True)


class Case(serializers.Serializer[Any]):
    reference = serializers.CharField()
    url = serializers.CharField(help_text="The case at the agents' desk.")
    subject = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=Ticket.Status.choices)
    priority = serializers.ChoiceField(choices=Ticket.Priority.choices)
    type = serializers.ChoiceField(choices=Ticket.Type.choices)
    language = serializers.ChoiceField(choices=settings.LANGUAGES)
    channel = serializers.ChoiceField(choices=ChannelKind.choices)
    topic = serializers.CharField(allow_null=True, help_text="The topic's slug.")
    team = serializers.CharField(allow_null=True, help_text="The team's key.")
    assignee = serializers.CharField(allow_null=True, help_text="The agent's e-mail address.")
    customer = CaseCustomer()
    tags = serializers.ListField(child=serializers.CharField())
    # The name is the API's; a serializer's own `fields` is only asked for on its class.
    fields = serializers.DictField(help_text="The organisation's own fields, by key.")  # type: ignore[assignment]
    resolution = serializers.ChoiceField(choices=Ticket.Resolution.choices, allow_blank=True)
    answered_by = serializers.IntegerField(allow_null=True, help_text="The ID of the article that answered it.")
    root_cause = serializers.CharField(allow_null=True)
    demand_type = serializers.ChoiceField(choices=DemandType.choices, allow_blank=True)
    is_suspected_spam = serializers.BooleanField()
    merged_into = serializers.CharField(allow_null=True, help_text="The reference of the case that it is part of now.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    waiting_since = serializers.DateTimeField(allow_null=True)
    first_response_at = serializers.DateTimeField(allow_null=True)
    solved_at = serializers.DateTimeField(allow_null=True)


class CasePage(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True, help_text="The address of the next page; null on the last.")
    results = Case(many=True)


class CaseAgent(serializers.Serializer[Any]):
    name = serializers.CharField()
    email = serializers.CharField()


class MessageFile(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    url = serializers.CharField(help_text="A signed link that expires after six hours.")


class CaseMessage(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Message.Kind.choices)
    internal = serializers.BooleanField(help_text="A note that only agents see.")
    channel = serializers.ChoiceField(choices=ChannelKind.choices)
    body = serializers.CharField()
    agent = CaseAgent(allow_null=True, help_text="Who wrote it, where it was one of us.")
    customer = CaseCustomer(allow_null=True, help_text="Who wrote it, where it was a customer.")
    delivery = serializers.ChoiceField(
        choices=OutboxMessage.Status.choices, allow_null=True, help_text="How far its letter has come."
    )
    attachments = MessageFile(many=True)
    created_at = serializers.DateTimeField()


class MessagePage(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True, help_text="The address of the next page; null on the last.")
    results = CaseMessage(many=True)


class StrictSerializer(serializers.Serializer[Any]):
    """One that refuses what it does not know: a misspelt field must not look like a change that was made."""

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        if unknown := sorted(set(data) - set(self.fields)):
            raise serializers.ValidationError({name: [_("There is no such field to change.")] for name in unknown})
        return values


class CaseChange(StrictSerializer):
    status = serializers.ChoiceField(choices=SETTABLE_STATUSES, required=False)
    answered_by = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**62,
        help_text="With `status: solved`: the ID of the article that answered it; null where none does.",
    )
    assignee = serializers.CharField(
        required=False, allow_null=True, max_length=254, help_text="An agent's e-mail address; null for nobody."
    )
    priority = serializers.ChoiceField(choices=Ticket.Priority.choices, required=False)
    type = serializers.ChoiceField(choices=Ticket.Type.choices, required=False)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)
    subject = serializers.CharField(required=False, allow_blank=True, max_length=MAX_SUBJECT_CHARACTERS)
    topic = serializers.SlugField(required=False, allow_null=True, max_length=60)
    team = serializers.SlugField(required=False, allow_null=True, max_length=60)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=50),
        required=False,
        max_length=_MAX_TAGS,
        help_text="All tags that the case is to have.",
    )
    fields = serializers.DictField(  # type: ignore[assignment] # the API's name
        required=False, help_text="The organisation's own fields to change, by key; null empties one."
    )


class NewMessage(StrictSerializer):
    body = serializers.CharField(max_length=MAX_MESSAGE_CHARACTERS, trim_whitespace=False)
    internal = serializers.BooleanField(default=False, help_text="A note that only agents see, sent to nobody.")
    then = serializers.ChoiceField(
        choices=[str(status.value) for status in SETTABLE],
        default=str(Ticket.Status.WAITING_CUSTOMER.value),
        help_text="The status that an answer leaves the case in; of no meaning for a note.",
    )
