from tickets.models.calendars import Calendar, CalendarException, OpeningPeriod
from tickets.models.callbacks import Callback, CallbackTry
from tickets.models.channels import Channel, ChannelKind, ChannelPolicy, ChannelText
from tickets.models.chats import AgentAvailability, Chat, ChatOffer
from tickets.models.classification import CustomField, CustomFieldText, DemandType, RootCause, Tag
from tickets.models.customers import Company, Customer, CustomerMerge, Identity, PossibleDuplicate
from tickets.models.integrations import ApiToken, Webhook, WebhookDelivery
from tickets.models.mail import InboundMail, OutboxMessage
from tickets.models.mailboxes import FetchPosition, Mailbox
from tickets.models.relations import ImportedRecord, Participant, Rating, TicketLink
from tickets.models.teams import Team, TopicTeam
from tickets.models.tickets import Attachment, MailContent, Message, Ticket, TicketEvent, TicketSuggestion
from tickets.models.waits import UsualWait
from tickets.models.working import (
    BulkJob,
    Draft,
    DraftFile,
    HeldSend,
    Macro,
    MacroText,
    MacroUse,
    Mention,
    Presence,
    SavedFilter,
)

__all__ = [
    "AgentAvailability",
    "ApiToken",
    "Attachment",
    "BulkJob",
    "Calendar",
    "CalendarException",
    "Callback",
    "CallbackTry",
    "Channel",
    "ChannelKind",
    "ChannelPolicy",
    "ChannelText",
    "Chat",
    "ChatOffer",
    "Company",
    "CustomField",
    "CustomFieldText",
    "Customer",
    "CustomerMerge",
    "DemandType",
    "Draft",
    "DraftFile",
    "FetchPosition",
    "HeldSend",
    "Identity",
    "ImportedRecord",
    "InboundMail",
    "Macro",
    "MacroText",
    "MacroUse",
    "MailContent",
    "Mailbox",
    "Mention",
    "Message",
    "OpeningPeriod",
    "OutboxMessage",
    "Participant",
    "PossibleDuplicate",
    "Presence",
    "Rating",
    "RootCause",
    "SavedFilter",
    "Tag",
    "Team",
    "Ticket",
    "TicketEvent",
    "TicketLink",
    "TicketSuggestion",
    "TopicTeam",
    "UsualWait",
    "Webhook",
    "WebhookDelivery",
]
