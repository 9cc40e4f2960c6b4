"""Live chat: a conversation that both sides have before them now, and the agents who are there for it.

What is said is the messages of a case, numbered within the chat: whatever becomes of the chat, the case has it all.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models.tickets import Ticket

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

AT_THE_DESK_FOR = timedelta(seconds=60)
"""How long after their last sign of life an agent still counts as being at the desk."""


class ChatQuerySet(models.QuerySet["Chat"]):
    def going_on(self) -> ChatQuerySet:
        return self.filter(state__in=[Chat.State.WAITING, Chat.State.ACTIVE])

    def waiting(self) -> ChatQuerySet:
        return self.filter(state=Chat.State.WAITING)

    def concerning(self, user: User) -> ChatQuerySet:
        """Chats under way that wait or are the agent's own; all of them for whoever steers teams."""
        rows = self.going_on()
        if user.has_perm("tickets.change_team"):
            return rows
        return rows.filter(Q(state=Chat.State.WAITING) | Q(agent=user))

    def with_agent(self, user: User) -> ChatQuerySet:
        return self.filter(state=Chat.State.ACTIVE, agent=user)


class Chat(models.Model):
    """One live conversation within a case, which is there from the customer's first message on."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for somebody")
        ACTIVE = "active", _("Under way")
        MISSED = "missed", _("Nobody was there; goes on as a case")
        ENDED = "ended", _("Ended")

    class Side(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        AGENT = "agent", _("Agent")
        SYSTEM = "system", _("Svar")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="chats", verbose_name=_("case"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="chats", verbose_name=_("agent")
    )
    # The number of the last message; each message of the chat has the next one.
    last_seq = models.PositiveIntegerField(default=0)
    seen_by_customer = models.PositiveIntegerField(default=0)
    seen_by_agent = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(_("begun"), default=timezone.now)
    # Who has no answer by then is told so, and the chat goes on as a case.
    promised_by = models.DateTimeField(_("promised by"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    missed_at = models.DateTimeField(_("missed"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=8, choices=Side.choices, blank=True)
    customer_seen_at = models.DateTimeField(_("customer last there"), default=timezone.now)
    # For the history: where the window stood ("page" or the host of another site).
    place = models.CharField(_("place"), max_length=120, blank=True)

    objects = ChatQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_at"]
        verbose_name = _("chat")
        verbose_name_plural = _("chats")
        constraints = [
            # A customer who is in a chat of a case is not in a second one of the same.
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state__in=["waiting", "active"]), name="one_chat_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "begun_at"], name="chat_by_state"),
            models.Index(fields=["agent", "state"], name="chat_of_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.begun_at:%Y-%m-%d %H:%M}"

    @property
    def is_going_on(self) -> bool:
        return self.state in (self.State.WAITING, self.State.ACTIVE)


class ChatOfferQuerySet(models.QuerySet["ChatOffer"]):
    def unanswered(self) -> ChatOfferQuerySet:
        return self.filter(answer="")

    def of_waiting(self) -> ChatOfferQuerySet:
        """Offers of chats that still wait; one handed over has its agent already."""
        return self.filter(chat__state=Chat.State.WAITING)


class ChatOffer(models.Model):
    """A chat that was offered to an agent, or handed over to them, and what they made of it."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("No answer")
        WITHDRAWN = "withdrawn", _("Somebody else was quicker")

    chat = models.ForeignKey(Chat, models.CASCADE, related_name="offers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="chat_offers")
    handed_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    offered_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=9, choices=Answer.choices, blank=True)

    objects = ChatOfferQuerySet.as_manager()

    class Meta:
        ordering = ["offered_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["chat", "user"], condition=Q(answer=""), name="chat_offered_once")
        ]


_TAKES = Least("chat_capacity", Coalesce("own_capacity", "chat_capacity"))


class AvailabilityQuerySet(models.QuerySet["AgentAvailability"]):
    def at_the_desk(self, at: datetime) -> AvailabilityQuerySet:
        return self.filter(seen_at__gt=at - AT_THE_DESK_FOR)

    def available(self, at: datetime) -> AvailabilityQuerySet:
        """Agents who take new chats now: they say so, and their desk is open."""
        return self.at_the_desk(at).filter(state=AgentAvailability.State.AVAILABLE)

    def standing_by(self, at: datetime) -> models.QuerySet[Any]:
        """Agents who may answer a chat that begins now within the time that is promised: who is busy or has as many
        chats as they take may be free by then; who is away, or takes none, is not."""
        there: models.QuerySet[Any] = self.at_the_desk(at).exclude(state=AgentAvailability.State.AWAY)
        rows: models.QuerySet[Any] = there.annotate(takes=_TAKES).filter(takes__gt=0)
        return rows

    def with_load(self) -> models.QuerySet[Any]:
        """With `under_way`, the chats that an agent has now, and `offered`, those that wait for their answer."""
        offer = "user__chat_offers"
        open_offers = Q(**{f"{offer}__answer": "", f"{offer}__chat__state": Chat.State.WAITING})
        return self.annotate(
            under_way=models.Count("user__chats", filter=Q(user__chats__state=Chat.State.ACTIVE), distinct=True),
            offered=models.Count(offer, filter=open_offers, distinct=True),
        )

    def with_room(self, at: datetime) -> models.QuerySet[Any]:
        """Available agents who have fewer chats than they take at once."""
        loaded: models.QuerySet[Any] = self.available(at).with_load()
        rows: models.QuerySet[Any] = loaded.annotate(takes=_TAKES).filter(under_way__lt=models.F("takes"))
        return rows

    def to_be_asked(self, at: datetime) -> models.QuerySet[Any]:
        """Those of them to whom no chat is offered now: nobody is asked twice at once."""
        rows: models.QuerySet[Any] = self.with_room(at)
        return rows.filter(offered=0)


class AgentAvailability(models.Model):
    """What an agent says of themself, and how many chats they take at once."""

    class State(models.TextChoices):
        AVAILABLE = "available", _("Available")
        BUSY = "busy", _("Busy")
        AWAY = "away", _("Away")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="availability", verbose_name=_("agent")
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.AWAY)
    chat_capacity = models.PositiveSmallIntegerField(
        _("chats at once"), default=3, help_text=_("So many at the most. 0: no chats are offered.")
    )
    own_capacity = models.PositiveSmallIntegerField(
        _("own limit"), null=True, blank=True, help_text=_("What the agent asks for, where that is less.")
    )
    changed_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    objects = AvailabilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("availability")
        verbose_name_plural = _("availability of agents")

    def __str__(self) -> str:
        return f"{self.user}: {self.get_state_display()}"

    @property
    def takes_at_once(self) -> int:
        return self.chat_capacity if self.own_capacity is None else min(self.own_capacity, self.chat_capacity)

    def is_at_the_desk(self, at: datetime) -> bool:
        return self.pk is not None and self.seen_at > at - AT_THE_DESK_FOR

    def takes_chats(self, at: datetime) -> bool:
        return self.state == self.State.AVAILABLE and self.is_at_the_desk(at)
