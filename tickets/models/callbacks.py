"""Call-backs: a number that we have promised to call, and each time that we called it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tickets.models.tickets import Ticket

LATE_AFTER = timedelta(minutes=15)
"""A quarter that was booked is over by then."""
REMINDED_BEFORE = timedelta(minutes=5)


class CallbackQuerySet(models.QuerySet["Callback"]):
    def promised(self) -> CallbackQuerySet:
        """Those that somebody waits for. What looks like spam waits until a person has looked at its case."""
        return self.filter(state=Callback.State.BOOKED, ticket__is_suspected_spam=False)

    def due(self, at: datetime) -> CallbackQuerySet:
        return self.promised().filter(due_at__lte=at)

    def due_soon(self, at: datetime) -> CallbackQuerySet:
        """Due, or so soon that the agent should know."""
        return self.due(at + REMINDED_BEFORE)

    def late(self, at: datetime) -> CallbackQuerySet:
        return self.due(at - LATE_AFTER)

    def over(self) -> CallbackQuerySet:
        return self.exclude(state=Callback.State.BOOKED).exclude(ticket__is_suspected_spam=True)

    def holding_places(self) -> CallbackQuerySet:
        """Those whose place in a quarter nobody else can have."""
        return self.filter(slot_at__isnull=False, slot_place__isnull=False).exclude(state=Callback.State.CANCELLED)

    def first_calls(self, since: datetime) -> CallbackQuerySet:
        """Those promised since then that were called: `promised_at`, and `first_tried_at` beside it."""
        return self.filter(promised_at__gte=since, log__isnull=False).annotate(
            first_tried_at=Min("log__at", filter=Q(log__at__gte=F("booked_at")))
        )


class Callback(models.Model):
    """One promise to call. Another time is the same promise, under a new version of its link."""

    class State(models.TextChoices):
        BOOKED = "booked", _("Booked")
        DONE = "done", _("Reached")
        UNREACHED = "unreached", _("Not reached")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="callbacks", verbose_name=_("case"))
    number = models.CharField(_("number"), max_length=20)
    # Whom to ask for. Whoever has the number may be somebody else.
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.BOOKED)
    # The quarter of an hour that was chosen, and which of its places; without one it is "as soon as someone is free".
    slot_at = models.DateTimeField(_("time chosen"), null=True, blank=True)
    slot_place = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    booked_at = models.DateTimeField(_("booked"), default=timezone.now)
    # When the first call was promised: the time chosen, at once, or the next opening.
    promised_at = models.DateTimeField(_("promised for"))
    # When to call next: the promise, or after a try in vain the next attempt.
    due_at = models.DateTimeField(_("to call"))
    # Tries in vain since it was booked or got another time.
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="callbacks",
        verbose_name=_("agent"),
    )
    late_noted_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Raised when it gets another time: links from before lead nowhere.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CallbackQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "booked_at"]
        verbose_name = _("call-back")
        verbose_name_plural = _("call-backs")
        constraints = [
            # Whoever gives up a time gives up its place; all others keep theirs, whatever came of the call.
            models.UniqueConstraint(
                fields=["slot_at", "slot_place"],
                condition=Q(slot_at__isnull=False, slot_place__isnull=False) & ~Q(state="cancelled"),
                name="slot_place_sold_once",
            ),
            models.UniqueConstraint(fields=["ticket"], condition=Q(state="booked"), name="one_callback_at_a_time"),
            models.CheckConstraint(
                condition=Q(slot_place__isnull=True) | Q(slot_at__isnull=False), name="slot_place_is_of_a_slot"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="booked"), name="callback_due"),
            models.Index(fields=["number"], name="callback_by_number"),
            models.Index(fields=["-promised_at"], name="callback_by_promise"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def is_as_soon_as_possible(self) -> bool:
        return self.slot_at is None

    @property
    def is_booked(self) -> bool:
        return self.state == self.State.BOOKED

    @property
    def can_be_moved(self) -> bool:
        """Whether the customer can choose another time: also after we called in vain."""
        return self.state in (self.State.BOOKED, self.State.UNREACHED)

    def is_late(self, at: datetime) -> bool:
        return self.is_booked and self.due_at <= at - LATE_AFTER


class CallbackTry(models.Model):
    """One call to the number, and what came of it."""

    class Outcome(models.TextChoices):
        REACHED = "reached", _("Reached")
        NO_ANSWER = "no_answer", _("No answer")
        BUSY = "busy", pgettext_lazy("phone line", "Busy")
        LEFT_MESSAGE = "message", _("Left a message")
        WRONG_NUMBER = "wrong", _("Wrong number")

    callback = models.ForeignKey(Callback, models.CASCADE, related_name="log", verbose_name=_("call-back"))
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("agent")
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("call")
        verbose_name_plural = _("calls")

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.at:%Y-%m-%d %H:%M}"
