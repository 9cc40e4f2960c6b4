"""Tickets ("cases" to customers), what was said in them, and what happened to them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from knowledge.models import Article, Topic
from tickets.models.channels import ChannelKind
from tickets.models.classification import DemandType, RootCause, Tag
from tickets.models.customers import Customer, Identity
from tickets.models.mailboxes import Mailbox
from tickets.models.teams import Team

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: User | AnonymousUser) -> TicketQuerySet:
        """The one door to tickets: agents see all, a customer with a verified address the cases that they take part
        in, others none."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("tickets.work_cases"):
            return self
        known = Identity.objects.filter(kind=Identity.Kind.EMAIL, value__iexact=user.email, is_verified=True)
        return self.taken_part_in_by(known.values("customer_id"))

    def taken_part_in_by(self, customers: Any) -> TicketQuerySet:
        """The cases of these customers, and those in which they are on copy; `customers` as for a lookup by `__in`."""
        own = Ticket.objects.order_by().filter(customer__in=customers).values("pk")
        joined = Ticket.objects.order_by().filter(participants__customer__in=customers).values("pk")
        # A union of two looked-up lists; "or" would read all cases.
        return self.filter(pk__in=own.union(joined))

    def unsettled(self) -> TicketQuerySet:
        """Cases that are not over."""
        # Said by what they are, not by what they are not: an index finds the few of them among all that are over.
        return self.filter(status__in=Ticket.UNSETTLED)

    def waiting_on_us(self) -> TicketQuerySet:
        return self.filter(status__in=[Ticket.Status.NEW, Ticket.Status.OPEN])

    def waiting_on_customer(self) -> TicketQuerySet:
        return self.filter(status=Ticket.Status.WAITING_CUSTOMER)

    def waiting_on_third_party(self) -> TicketQuerySet:
        return self.filter(status=Ticket.Status.WAITING_THIRD_PARTY)

    def settled(self) -> TicketQuerySet:
        return self.filter(status__in=[Ticket.Status.SOLVED, Ticket.Status.CLOSED])

    def unassigned(self) -> TicketQuerySet:
        return self.filter(assignee__isnull=True)

    def assigned_to(self, user: User) -> TicketQuerySet:
        return self.filter(assignee=user)

    def of_team(self, team: Team) -> TicketQuerySet:
        return self.filter(team=team)

    def of_teams_of(self, user: User) -> TicketQuerySet:
        """Cases of the teams that somebody is in, and of no team; all of them for somebody who is in none."""
        memberships = Team.members.through.objects.filter(user_id=user.pk)
        return self.filter(Q(team__in=memberships.values("team")) | Q(team=None) | ~models.Exists(memberships))

    def followed_by(self, user: User) -> TicketQuerySet:
        return self.filter(pk__in=Ticket.followers.through.objects.filter(user_id=user.pk).values("ticket"))

    def mentioning(self, user: User) -> TicketQuerySet:
        """Cases with a note that names somebody who has not read it yet."""
        unread = Message.objects.filter(mentions__user=user, mentions__seen_at__isnull=True)
        return self.filter(pk__in=unread.values("ticket"))

    def unmerged(self) -> TicketQuerySet:
        """Without the cases that go on in another one."""
        return self.filter(merged_into__isnull=True)

    def trusted(self) -> TicketQuerySet:
        return self.filter(is_suspected_spam=False)

    def suspected_spam(self) -> TicketQuerySet:
        return self.filter(is_suspected_spam=True)

    def without_answer(self) -> TicketQuerySet:
        """Cases that no article answered: solved so, or still unsolved with nothing to suggest."""
        # For a case that was brought in from elsewhere nobody has looked for an article yet.
        nothing_found = Q(suggestions__isnull=True, imported_from__isnull=True)
        return self.trusted().filter(
            Q(resolution=Ticket.Resolution.NO_ARTICLE)
            | Q(nothing_found, resolution="", status__in=[Ticket.Status.NEW, Ticket.Status.OPEN])
        )


class Ticket(models.Model):
    class Status(models.TextChoices):
        NEW = "new", _("New")
        OPEN = "open", _("Open")
        WAITING_CUSTOMER = "waiting_customer", _("Waiting for customer")
        WAITING_THIRD_PARTY = "waiting_third_party", _("Waiting for third party")
        SOLVED = "solved", _("Solved")
        CLOSED = "closed", _("Closed")

    UNSETTLED = (Status.NEW, Status.OPEN, Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY)

    class Resolution(models.TextChoices):
        ARTICLE = "article", _("An article answered it")
        NO_ARTICLE = "no_article", _("No article answers it")

    class Priority(models.TextChoices):
        LOW = "low", _("Low")
        NORMAL = "normal", _("Normal")
        HIGH = "high", _("High")
        URGENT = "urgent", _("Urgent")

    class Type(models.TextChoices):
        QUESTION = "question", _("Question")
        PROBLEM = "problem", _("Problem")
        REQUEST = "request", _("Request")
        COMPLAINT = "complaint", _("Complaint")

    reference = models.CharField(_("case"), max_length=20, unique=True, null=True, editable=False)  # noqa: DJ001 (unique only where set)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="tickets", verbose_name=_("customer"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    channel = models.CharField(_("channel"), max_length=10, choices=ChannelKind.choices)
    topic = models.ForeignKey(
        Topic, models.SET_NULL, null=True, blank=True, related_name="tickets", verbose_name=_("topic")
    )
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="tickets", verbose_name=_("team")
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("assignee"),
    )
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.NEW, db_index=True)
    resolution = models.CharField(_("resolution"), max_length=12, choices=Resolution.choices, blank=True)
    answered_by = models.ForeignKey(
        Article,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="answered_tickets",
        verbose_name=_("answered by"),
    )
    priority = models.CharField(_("priority"), max_length=10, choices=Priority.choices, default=Priority.NORMAL)
    type = models.CharField(_("type"), max_length=10, choices=Type.choices, default=Type.QUESTION)
    tags = models.ManyToManyField(Tag, related_name="tickets", blank=True, verbose_name=_("tags"))
    fields = models.JSONField(_("fields"), default=dict, blank=True)
    root_cause = models.ForeignKey(
        RootCause,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("root cause"),
    )
    demand_type = models.CharField(_("demand"), max_length=10, choices=DemandType.choices, blank=True)
    # What the layer above thinks the demand is, with its probability; a person decides.
    demand_guess = models.CharField(max_length=10, choices=DemandType.choices, blank=True, editable=False)
    demand_guess_probability = models.FloatField(null=True, blank=True, editable=False)
    root_cause_guess = models.ForeignKey(
        RootCause, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False, editable=False
    )
    mailbox = models.ForeignKey(
        Mailbox,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("mailbox"),
        help_text=_("The address of ours that it came to, and is answered from."),
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        # Nearly every case has none: an index of all of them would mislead the planner (see Meta.indexes).
        db_index=False,
        related_name="merged",
        verbose_name=_("merged into"),
    )
    followers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="followed_tickets", blank=True, verbose_name=_("followed by")
    )
    is_suspected_spam = models.BooleanField(_("suspected spam"), default=False)
    # What the layer above tells: an opaque name of the visit, and what the customer did before asking.
    origin = models.CharField(max_length=40, blank=True, db_index=True, editable=False)
    journey_summary = models.JSONField(default=list, blank=True, editable=False)
    idempotency_key = models.CharField(max_length=80, unique=True, null=True, editable=False)  # noqa: DJ001 (unique only where set)
    # Raising it makes every link to the case page that was ever sent worthless.
    link_version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("received"), default=timezone.now, db_index=True)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, db_index=True)
    waiting_since = models.DateTimeField(_("waiting for us since"), null=True, blank=True, db_index=True)
    first_response_at = models.DateTimeField(_("first answered"), null=True, blank=True)
    solved_at = models.DateTimeField(_("solved"), null=True, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        permissions = [("work_cases", _("Can work with cases at the desk"))]
        indexes = [
            models.Index(fields=["status", "waiting_since"], name="ticket_waiting"),
            models.Index(fields=["assignee", "status", "waiting_since"], name="ticket_of_agent"),
            models.Index(fields=["team", "status", "waiting_since"], name="ticket_of_team"),
            models.Index(fields=["status", "-updated_at"], name="ticket_by_status_newest"),
            # What the desk lists, counted and sorted without a look at the cases themselves.
            models.Index(
                fields=["status", "-updated_at"],
                condition=Q(merged_into__isnull=True, is_suspected_spam=False),
                name="ticket_listed",
            ),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="ticket_merged"),
            models.Index(fields=["-created_at"], condition=Q(is_suspected_spam=True), name="ticket_spam"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.headline}"

    @property
    def headline(self) -> str:
        """The subject, or the beginning of what was written."""
        if self.subject:
            return self.subject
        # A note may be older than all else, and the headline is read outside.
        first = next((message for message in self.messages.all() if not message.is_internal), None)
        text = " ".join(first.body.split()) if first else ""
        return text if len(text) <= 70 else text[:70].rsplit(" ", 1)[0] + "…"

    @property
    def is_settled(self) -> bool:
        return self.status in (self.Status.SOLVED, self.Status.CLOSED)

    @property
    def customer_status(self) -> str:
        """Where the case stands, in a customer's words."""
        return str(CUSTOMER_STATUS[self.Status(self.status)])

    def waits_longer_than(self, hours: float, at: datetime) -> bool:
        """Whether the customer has waited for us more than `hours` (clock time)."""
        return self.waiting_since is not None and (at - self.waiting_since).total_seconds() > hours * 3600

    def get_absolute_url(self) -> str:
        return reverse("desk:case", args=[self.reference])


CUSTOMER_STATUS = {
    Ticket.Status.NEW: _("We have got it"),
    Ticket.Status.OPEN: _("We are working on it"),
    Ticket.Status.WAITING_CUSTOMER: _("We wait for your answer"),
    Ticket.Status.WAITING_THIRD_PARTY: _("We wait for somebody else"),
    Ticket.Status.SOLVED: _("Solved"),
    Ticket.Status.CLOSED: _("Closed"),
}


class TicketSuggestion(models.Model):
    """An article that may answer the case, as found when it came in; shown to customer and agent."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="suggestions")
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    probability = models.FloatField()

    class Meta:
        ordering = ["-probability"]
        constraints = [models.UniqueConstraint(fields=["ticket", "article"], name="article_suggested_once")]


class MessageQuerySet(models.QuerySet["Message"]):
    def said(self) -> MessageQuerySet:
        """What was said between us and the customer, notes left out."""
        return self.exclude(kind=Message.Kind.NOTE)

    def visible_to_customer(self, at: datetime) -> MessageQuerySet:
        """What may be shown outside: no notes, and no answer that can still be taken back."""
        return self.said().filter(Q(held_until__isnull=True) | Q(held_until__lte=at))


class Message(models.Model):
    """Something said in a case: by the customer, by us, or among us (a note, never shown outside)."""

    class Kind(models.TextChoices):
        INBOUND = "inbound", _("From the customer")
        OUTBOUND = "outbound", _("To the customer")
        NOTE = "note", _("Internal note")

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="messages", verbose_name=_("case"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    channel = models.CharField(_("channel"), max_length=10, choices=ChannelKind.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    # What is new in it. All that came, quoted text included, stands in `mail`.
    body = models.TextField(_("text"))
    # Until then it can be taken back, and nobody outside sees it.
    held_until = models.DateTimeField(null=True, blank=True, editable=False)
    # The customer who wrote, where it is not the case's own: somebody on copy, or in a case that was merged.
    customer = models.ForeignKey(
        Customer, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("written by")
    )
    # The stable name under which a channel knows the message, so that one delivered twice is taken once.
    external_id = models.CharField(max_length=250, blank=True, editable=False)
    # What was said in a live chat has its place there by number: clocks of two processes may differ.
    chat = models.ForeignKey(
        "tickets.Chat", models.SET_NULL, null=True, blank=True, db_index=False, related_name="messages", editable=False
    )
    chat_seq = models.PositiveIntegerField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("sent"), default=timezone.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "external_id"], condition=~Q(external_id=""), name="message_taken_once"
            ),
            models.UniqueConstraint(
                fields=["chat", "chat_seq"], condition=Q(chat__isnull=False), name="message_has_its_place_in_chat"
            ),
        ]

    def __str__(self) -> str:
        return self.body[:60]

    @property
    def is_internal(self) -> bool:
        return self.kind == self.Kind.NOTE

    def is_held(self, at: datetime) -> bool:
        """Whether it can still be taken back, and is not to be shown outside."""
        return self.held_until is not None and self.held_until > at


class MailContent(models.Model):
    """A mail that became a message, as it was: who wrote to whom, all of its text, and how far it can be trusted."""

    message = models.OneToOneField(Message, models.CASCADE, related_name="mail", primary_key=True)
    sender = models.CharField(_("from"), max_length=254, blank=True)
    sender_name = models.CharField(_("name"), max_length=200, blank=True)
    to = models.JSONField(_("to"), default=list)
    cc = models.JSONField(_("copy"), default=list)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    text = models.TextField(_("whole text"), blank=True)
    html = models.TextField(_("HTML"), blank=True, help_text=_("As it came; made safe whenever it is shown."))
    # What the receiving server found (RFC 8601): {"spf": "pass", "dkim": "fail", "dmarc": "none"}.
    authentication = models.JSONField(default=dict)
    # Files that came with it and were not taken, with the reason: [{"name": "x.exe", "size": 10, "why": "kind"}].
    left_out = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.subject


def _attachment_path(instance: Attachment, filename: str) -> str:
    # The name on disk says nothing and cannot be guessed; the customer's own name is kept in the row.
    return f"{timezone.now():%Y/%m}/{uuid.uuid4().hex}"


def _attachment_storage() -> Storage:
    return storages["attachments"]


class Attachment(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to=_attachment_path, storage=_attachment_storage)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("size"), help_text=_("Bytes."))
    # Under which a mail's HTML names it (RFC 2392), without angle brackets; such a picture is part of the text.
    content_id = models.CharField(max_length=250, blank=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.content_type in ("image/png", "image/jpeg", "image/gif", "image/webp")


class TicketEvent(models.Model):
    """One thing that happened to a case: who, what, when. The case page, clocks and reports read from these."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("Received")
        CUSTOMER_WROTE = "customer_wrote", _("The customer wrote")
        REPLIED = "replied", _("Answered")
        NOTED = "noted", _("Note written")
        STATUS_CHANGED = "status_changed", _("Status changed")
        ASSIGNED = "assigned", _("Assigned")
        UNASSIGNED = "unassigned", _("Assignment removed")
        SOLVED = "solved", _("Solved")
        REOPENED = "reopened", _("Reopened")
        CLOSED_BY_CUSTOMER = "closed_by_customer", _("Closed by the customer")
        DELIVERY_FAILED = "delivery_failed", _("A message could not be delivered")
        MARKED_AS_SPAM = "marked_as_spam", _("Found to be spam")
        CLEARED_OF_SPAM = "cleared_of_spam", _("Found not to be spam")
        SEND_UNDONE = "send_undone", _("An answer was taken back before it left")
        BOUNCED = "bounced", _("A message came back")
        LETTER_WITHHELD = "letter_withheld", _("An automatic letter was not sent")
        AUTOMATIC_MAIL = "automatic_mail", _("An automatic letter came")
        MERGED = "merged", _("Another case was merged into it")
        MERGED_AWAY = "merged_away", _("Merged into another case")
        UNMERGED = "unmerged", _("Parted from the case that it was merged with")
        SPLIT = "split", _("A message became a case of its own")
        SPLIT_OFF = "split_off", _("Split off from another case")
        LINKED = "linked", _("Linked")
        UNLINKED = "unlinked", _("Link removed")
        TAGGED = "tagged", _("Tags changed")
        CHANGED = "changed", _("Something about it changed")
        PARTICIPANT_ADDED = "participant_added", _("Somebody was put on copy")
        PARTICIPANT_REMOVED = "participant_removed", _("Somebody was taken off the copies")
        CLASSIFIED = "classified", _("Its cause was noted")
        JUDGED = "judged", _("Somebody said which article answered it")
        RATED = "rated", _("The customer rated it")
        LINK_SENT = "link_sent", _("The link to the case was sent again")
        LINKS_REVOKED = "links_revoked", _("Links to the case were made invalid")
        IMPORTED = "imported", _("Brought in from another system")
        CHAT_BEGUN = "chat_begun", _("A chat began")
        CHAT_ACCEPTED = "chat_accepted", _("An agent took the chat")
        CHAT_HANDED_OVER = "chat_handed_over", _("The chat was handed over")
        CHAT_MISSED = "chat_missed", _("Nobody answered the chat in time")
        CHAT_ENDED = "chat_ended", _("The chat ended")
        CALL_LOGGED = "call_logged", _("A call was noted")
        CALLBACK_BOOKED = "callback_booked", _("A call-back was booked")
        CALLBACK_MOVED = "callback_moved", _("The call-back got another time")
        CALLBACK_CANCELLED = "callback_cancelled", _("The call-back was cancelled")
        CALLBACK_TRIED = "callback_tried", _("We called")
        CALLBACK_LATE = "callback_late", _("A call-back was late")

    # How a case begins: it came, was cut off from another one, or turned out to be no spam.
    BEGINNINGS = (Kind.RECEIVED, Kind.SPLIT_OFF, Kind.CLEARED_OF_SPAM)

    class ActorKind(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        AGENT = "agent", _("Agent")
        SYSTEM = "system", _("Svar")

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="events", verbose_name=_("case"))
    kind = models.CharField(_("what"), max_length=20, choices=Kind.choices)
    actor_kind = models.CharField(_("who"), max_length=10, choices=ActorKind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("agent")
    )
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("event")
        verbose_name_plural = _("history")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d %H:%M}"

    def is_held(self, at: datetime) -> bool:
        """Whether it belongs to an answer that can still be taken back: nothing outside is told of it until then."""
        until = parse_datetime(str(self.data.get("held_until", "")))
        return until is not None and until > at
