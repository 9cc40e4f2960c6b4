from tickets.models.calendars import Calendar, CalendarException, OpeningPeriod
from tickets.models.channels import Channel, ChannelKind, ChannelPolicy, ChannelText
from tickets.models.customers import Customer, Identity
from tickets.models.mail import InboundMail, OutboxMessage
from tickets.models.teams import Team, TopicTeam
from tickets.models.tickets import Attachment, Message, Ticket, TicketEvent, TicketSuggestion

__all__ = [
    "Attachment",
    "Calendar",
    "CalendarException",
    "Channel",
    "ChannelKind",
    "ChannelPolicy",
    "ChannelText",
    "Customer",
    "Identity",
    "InboundMail",
    "Message",
    "OpeningPeriod",
    "OutboxMessage",
    "Team",
    "Ticket",
    "TicketEvent",
    "TicketSuggestion",
    "TopicTeam",
]
