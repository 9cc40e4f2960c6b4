"""A case told to its customer: where it stands, what was said, what happened, what comes next. Nothing internal.

What a template reads of a case for customers it reads from here, so that there is one place to look for leaks: full
names, addresses of others, notes, answers that can still be taken back, and what agents noted about the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from knowledge.models import ArticleTranslation
from tickets.models import Attachment, Callback, Customer, CustomField, Message, Rating, Ticket, TicketEvent
from tickets.models.tickets import CUSTOMER_STATUS
from tickets.services.callback_links import callback_path
from tickets.services.callback_words import event_for_customers, number_in_words, state_in_words
from tickets.services.channel_policy import expected_reply
from tickets.services.public_names import agent_name, customer_name
from tickets.services.ratings import may_be_changed, rating_of

Kind = TicketEvent.Kind
_OF_CALLBACKS = (Kind.CALLBACK_BOOKED, Kind.CALLBACK_MOVED, Kind.CALLBACK_CANCELLED, Kind.CALLBACK_TRIED)
_SHOWN = {
    Kind.RECEIVED, Kind.CUSTOMER_WROTE, Kind.REPLIED, Kind.ASSIGNED, Kind.STATUS_CHANGED, Kind.SOLVED, Kind.REOPENED,
    Kind.CLOSED_BY_CUSTOMER, Kind.MERGED, Kind.RATED, Kind.LINK_SENT, *_OF_CALLBACKS,
    Kind.CHAT_BEGUN, Kind.CHAT_ACCEPTED, Kind.CHAT_MISSED, Kind.CHAT_ENDED,
}  # fmt: skip
_LOGO_BYTES = 6_000
_SETTLED = (Ticket.Status.SOLVED, Ticket.Status.CLOSED)


@dataclass(frozen=True)
class Said:
    """One message as its reader sees it."""

    who: str
    is_ours: bool
    body: str
    at: datetime
    whole_mail: str
    """All of a mail that they sent themselves, where more came than is shown; "" otherwise."""
    pictures: list[Attachment]
    files: list[Attachment]
    left_out: list[str]
    """Names of files that came with their mail and were not taken."""


@dataclass(frozen=True)
class Happening:
    text: str
    at: datetime


@dataclass(frozen=True)
class Step:
    text: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True)
class Noted:
    """A field that customers may see, with its value in words."""

    label: str
    value: str


@dataclass(frozen=True)
class PromisedCall:
    """A call that its reader waits for, or is asked to choose a time for; the number is not shown whole."""

    text: str
    number: str
    path: str
    """Where it is changed or cancelled."""


@dataclass(frozen=True)
class CaseStory:
    status: str
    is_settled: bool
    steps: list[Step]
    next_step: str
    next_detail: str
    call: PromisedCall | None
    messages: list[Said]
    history: list[Happening]
    suggestions: list[ArticleTranslation]
    answer: ArticleTranslation | None
    noted: list[Noted]
    rating: Rating | None
    asks_rating: bool
    waits_for_reader: bool
    has_others: bool
    """Whether more than one person takes part, besides us."""

    @property
    def last_of_ours(self) -> int:
        """The place of our latest answer among the messages, from 1; 0 before there is one."""
        return max((place for place, said in enumerate(self.messages, 1) if said.is_ours), default=0)


@dataclass(frozen=True)
class Standing:
    """Where a case stands for the world outside: an answer that can still be taken back has not changed it."""

    status: str
    has_been_answered: bool

    @property
    def is_settled(self) -> bool:
        return self.status in _SETTLED

    @property
    def words(self) -> str:
        return str(CUSTOMER_STATUS[Ticket.Status(self.status)])


def standing(ticket: Ticket, at: datetime) -> Standing:
    """Reads `held_sends`, which a list should prefetch."""
    held = [one for one in ticket.held_sends.all() if one.until > at]
    if not held:
        return Standing(ticket.status, ticket.first_response_at is not None)
    before = min(held, key=lambda one: one.created_at).before
    return Standing(before.get("status") or Ticket.Status.OPEN, bool(before.get("first_response_at")))


def story_for_customer(ticket: Ticket, viewer: Customer | None = None, *, at: datetime | None = None) -> CaseStory:
    """Everything that the case page shows, in the reader's language.

    `viewer` is who reads; without one it is told as the customer would read it.
    """
    now = at or timezone.now()
    language = get_language() or ticket.language
    rows = ticket.messages.visible_to_customer(now).select_related("author", "customer", "mail")
    messages = list(rows.prefetch_related("attachments"))
    now_at = standing(ticket, now)
    reader = viewer or ticket.customer
    has_others = ticket.participants.exists() or any(one.customer_id for one in messages)
    rating = rating_of(ticket)
    return CaseStory(
        status=now_at.words,
        is_settled=now_at.is_settled,
        steps=_steps(now_at),
        next_step=what_comes_next(now_at.status),
        next_detail=_next_in_detail(now_at.status, ticket, messages, language),
        call=_call(ticket, language) if viewer and reader.pk == ticket.customer_id and not now_at.is_settled else None,
        messages=[_said(ticket, one, reader) for one in messages],
        history=_history(ticket, now, has_others=has_others),
        suggestions=_suggestions(ticket, language) if not now_at.is_settled and not now_at.has_been_answered else [],
        answer=ticket.answered_by.text_in(language) if now_at.is_settled and ticket.answered_by else None,
        noted=_noted(ticket, language),
        rating=rating,
        asks_rating=_asks_rating(ticket, rating, reader, now) and now_at.is_settled,
        waits_for_reader=now_at.status == Ticket.Status.WAITING_CUSTOMER,
        has_others=has_others,
    )


def _call(ticket: Ticket, language: str) -> PromisedCall | None:
    states = (Callback.State.BOOKED, Callback.State.UNREACHED)
    found = ticket.callbacks.filter(state__in=states).order_by("-booked_at").first()
    if found is None:
        return None
    return PromisedCall(state_in_words(found), number_in_words(found), callback_path(found, language))


def _asks_rating(ticket: Ticket, rating: Rating | None, reader: Customer, now: datetime) -> bool:
    """Asked once, of the customer alone; a slip can be put right for a day."""
    is_theirs = reader.pk == ticket.customer_id and not ticket.is_suspected_spam
    return is_theirs and (rating is None or may_be_changed(rating, now))


def _suggestions(ticket: Ticket, language: str) -> list[ArticleTranslation]:
    rows = ticket.suggestions.select_related("article").prefetch_related("article__translations")
    return [text for row in rows if (text := row.article.text_in(language))]


def _said(ticket: Ticket, message: Message, reader: Customer) -> Said:
    is_ours = message.kind == Message.Kind.OUTBOUND
    writer = message.customer or ticket.customer
    is_own = not is_ours and writer.pk == reader.pk
    who = agent_name(message.author) if is_ours else _("You") if is_own else customer_name(writer)
    mail = getattr(message, "mail", None)
    whole = mail.text.strip() if mail is not None and is_own else ""
    files = list(message.attachments.all())
    pictures = [one for one in files if _is_picture(one)]
    return Said(
        who=who,
        is_ours=is_ours,
        body=message.body,
        at=message.created_at,
        whole_mail=whole if whole != message.body.strip() else "",
        pictures=pictures,
        files=[one for one in files if one not in pictures],
        left_out=[str(one.get("name", "")) for one in mail.left_out] if mail is not None and is_own else [],
    )


def _is_picture(file: Attachment) -> bool:
    """Worth showing as one: the little images in a mail's text are mostly logos."""
    return file.is_image and not (file.content_id and file.size < _LOGO_BYTES)


def _steps(now_at: Standing) -> list[Step]:
    names = [_("Received"), _("Being worked on"), _("Answered"), _("Solved")]
    if now_at.is_settled and not now_at.has_been_answered:
        # As when they closed it themselves: nothing is said to have been done that was not.
        names = [names[0], names[-1]]
    if now_at.is_settled:
        reached = len(names)
    elif now_at.has_been_answered and now_at.status != Ticket.Status.OPEN:
        reached = 2
    elif now_at.status != Ticket.Status.NEW:
        reached = 1
    else:
        reached = 0
    return [Step(name, place < reached or place == 0, place == reached) for place, name in enumerate(names)]


def what_comes_next(status: str) -> str:
    match status:
        case Ticket.Status.NEW:
            return _("Next: a person reads your case")
        case Ticket.Status.OPEN:
            return _("Next: you hear from us")
        case Ticket.Status.WAITING_CUSTOMER:
            return _("Next: we wait for your answer")
        case Ticket.Status.WAITING_THIRD_PARTY:
            return _("Next: we wait for somebody outside, and write to you when they answer")
        case _:
            return _("The case is finished")


def _next_in_detail(status: str, ticket: Ticket, messages: list[Message], language: str) -> str:
    """By when, where we have promised it, or what we wait for; no promise is made up."""
    match status:
        case Ticket.Status.NEW | Ticket.Status.OPEN:
            asked = next((one for one in reversed(messages) if one.kind == Message.Kind.INBOUND), None)
            came_at = asked.created_at if asked else ticket.created_at
            usual = expected_reply(language, kind=ticket.channel, topic=ticket.topic, came_at=came_at)
            return usual or (_("You get an e-mail when there is an answer.") if ticket.customer.email else "")
        case Ticket.Status.WAITING_CUSTOMER:
            return _what_for(messages)
        case Ticket.Status.WAITING_THIRD_PARTY:
            return _("You need not do anything.")
        case _:
            return _("Write below if it is not, and it opens again.")


def _what_for(messages: list[Message]) -> str:
    asked = next((one for one in reversed(messages) if one.kind == Message.Kind.OUTBOUND), None)
    if asked is None:
        return _("Write below, or answer the e-mail that we sent.")
    day = date_format(timezone.localtime(asked.created_at), "DATETIME_FORMAT")
    return _("We wrote to you on %(day)s. Answer below, or answer that e-mail.") % {"day": day}


def _noted(ticket: Ticket, language: str) -> list[Noted]:
    """The fields that the organisation has opened to customers, where something stands in them."""
    if not ticket.fields:
        return []
    fields = CustomField.objects.filter(is_active=True, is_for_customers=True, key__in=list(ticket.fields))
    rows = [(field, ticket.fields[field.key]) for field in fields.prefetch_related("texts")]
    return [
        Noted(field.label_in(language), _in_words(field, value, language))
        for field, value in rows
        if value not in (None, "", [])
    ]


def _in_words(field: CustomField, value: object, language: str) -> str:
    match field.kind:
        case CustomField.Kind.FLAG:
            return _("Yes") if value else _("No")
        case CustomField.Kind.CHOICE:
            return field.choice_label(str(value), language)
        case CustomField.Kind.DATE:
            try:
                return date_format(datetime.fromisoformat(str(value)), "DATE_FORMAT")
            except ValueError:
                return str(value)
        case _:
            return str(value)


def _history(ticket: Ticket, now: datetime, *, has_others: bool) -> list[Happening]:
    """What happened, without what happens among us: a case that goes from hand to hand has been taken once."""
    found: list[Happening] = []
    has_been_taken = False
    for event in ticket.events.filter(kind__in=_SHOWN).select_related("actor"):
        if event.is_held(now) or (event.kind == Kind.ASSIGNED and has_been_taken):
            continue
        has_been_taken = has_been_taken or event.kind == Kind.ASSIGNED
        if text := _happening(event, has_others=has_others):
            found.append(Happening(text, event.created_at))
    return found


def _happening(event: TicketEvent, *, has_others: bool) -> str:
    name = agent_name(event.actor)
    if event.kind in _OF_CALLBACKS:
        return event_for_customers(event.kind, event.data)
    match event.kind:
        case Kind.RECEIVED:
            return _("We received your case")
        case Kind.CUSTOMER_WROTE:
            return _("A message came in") if has_others else _("You wrote")
        case Kind.REPLIED:
            return _("%(name)s answered") % {"name": name} if name else _("We answered")
        case Kind.ASSIGNED:
            return _("A person has taken your case")
        case Kind.SOLVED:
            return _("We marked the case as solved")
        case Kind.REOPENED:
            return _("The case was opened again")
        case Kind.CLOSED_BY_CUSTOMER:
            return _("The case was closed") if has_others else _("You closed the case")
        case Kind.MERGED:
            return _("Another case was joined with this one")
        case Kind.RATED:
            return _("You told us how it went")
        case Kind.CHAT_BEGUN:
            return _("A chat began") if has_others else _("You began a chat")
        case Kind.CHAT_ACCEPTED:
            return _("%(name)s came into the chat") % {"name": name} if name else _("We came into the chat")
        case Kind.CHAT_MISSED:
            return _("Nobody could answer the chat in time")
        case Kind.CHAT_ENDED:
            return _("The chat ended")
        case Kind.LINK_SENT:
            return _("A new link to this page was sent")
        case _:
            return _status_text(str(event.data.get("now", "")))


def _status_text(status: str) -> str:
    if status == Ticket.Status.WAITING_THIRD_PARTY:
        return _("Waiting for somebody outside")
    if status == Ticket.Status.WAITING_CUSTOMER:
        return _("Waiting for your answer")
    return ""
