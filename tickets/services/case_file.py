"""A case as an agent works with it: all that was said and done, the customer, and what may answer it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from knowledge.models import Article, ArticleTranslation
from knowledge.search.query import search_articles
from tickets.channels.email.originals import Original, originals_of
from tickets.models import ChannelKind, Message, OutboxMessage, Ticket, TicketSuggestion
from tickets.models.tickets import TicketQuerySet
from tickets.search.similar import similar_solved
from tickets.services.case_history import HistoryLine, history_lines
from tickets.services.links import attachment_path
from tickets.services.queues import first_messages

_EARLIER_SHOWN = 5
_FOUND_SHOWN = 6
_SIMILAR_SHOWN = 5
_LOGO_BYTES = 8192
# Of many cases, those whose suggestions are looked at: enough to tell what they have in common.
_LOOKED_AT = 500
_PROBABLE_PERCENT = 50
_ARTICLE_PATH = re.compile(r"/articles/([\w-]+)/")


@dataclass(frozen=True)
class FileLink:
    name: str
    size: int
    url: str
    is_image: bool = False


@dataclass(frozen=True)
class Said:
    """One message with its files, and how its delivery goes."""

    message: Message
    files: list[FileLink]
    delivery: OutboxMessage | None
    author: str
    """Who said it, by name; "" where only the organisation is known."""
    is_held: bool = False
    """Still to be taken back; nobody outside sees it yet."""
    mentioned: list[str] = field(default_factory=list)
    original: Original | None = None


@dataclass(frozen=True)
class ArticleLink:
    """An article as the customer would read it: `url` is what a letter can hold."""

    pk: int
    title: str
    path: str
    url: str
    is_other_language: bool
    percent: int | None = None


@dataclass(frozen=True)
class JourneyStep:
    """What the customer did before asking: a verb, and the article or words that it was done with."""

    text: str
    title: str
    path: str
    found_nothing: bool
    at: datetime | None


@dataclass(frozen=True)
class SolvedAlike:
    """A solved case much like this one, and what answered it."""

    ticket: Ticket
    answer: ArticleLink | None


@dataclass(frozen=True)
class CaseFile:
    said: list[Said]
    failed: list[OutboxMessage]
    history: list[HistoryLine]
    journey: list[JourneyStep]
    suggestions: list[ArticleLink]
    answer: ArticleLink | None
    earlier: list[Ticket]
    earlier_count: int
    similar: list[SolvedAlike]
    probable_answer: str
    """The article that is chosen at first when the case is solved, by its number; "" where none is probable."""
    seen: int
    """The last thing said between us and the customer when this was read."""


def file_for_agent(ticket: Ticket, tickets: TicketQuerySet, *, at: datetime | None = None) -> CaseFile:
    """Everything about a case; `tickets` are the ones that the reader may see. The cost does not grow with it."""
    now = at or timezone.now()
    messages = list(
        ticket.messages.select_related("author", "customer").prefetch_related(
            "attachments", "mentions__user", "customer__identities"
        )
    )
    outbox = list(ticket.outbox.order_by("created_at"))
    others = tickets.filter(customer=ticket.customer_id).exclude(pk=ticket.pk)
    earlier = list(others.prefetch_related(first_messages()).order_by("-created_at")[:_EARLIER_SHOWN])
    suggestions = suggested_articles(ticket)
    deliveries, originals = _deliveries(outbox), originals_of(messages)
    return CaseFile(
        said=[_said(ticket, one, deliveries.get(one.pk), originals.get(one.pk), now) for one in messages],
        failed=[row for row in outbox if row.status == OutboxMessage.Status.FAILED],
        history=history_lines(list(ticket.events.select_related("actor"))),
        journey=_journey(ticket),
        suggestions=suggestions,
        answer=_link_to(ticket.answered_by, ticket.language),
        earlier=earlier,
        earlier_count=others.count(),
        similar=_similar(ticket, tickets),
        probable_answer=_probable_answer(messages, suggestions),
        seen=max((one.pk for one in messages if not one.is_internal), default=0),
    )


def _said(
    ticket: Ticket, message: Message, delivery: OutboxMessage | None, original: Original | None, now: datetime
) -> Said:
    if message.kind == Message.Kind.INBOUND:
        author = str(message.customer or ticket.customer)
    else:
        author = str(message.author or "")
    mentioned = [str(one.user) for one in message.mentions.all()]
    return Said(message, _files(message), delivery, author, message.is_held(now), mentioned, original)


def _deliveries(outbox: Sequence[OutboxMessage]) -> dict[int, OutboxMessage]:
    """Of each message the letter that tells how its delivery goes: one that failed, else one that still waits."""
    status = OutboxMessage.Status
    worst = [str(one) for one in (status.FAILED, status.QUEUED, status.SENDING)]
    found: dict[int, OutboxMessage] = {}
    for row in sorted(outbox, key=lambda one: (worst.index(one.status) if one.status in worst else 9, one.created_at)):
        if row.message_id:
            found.setdefault(row.message_id, row)
    return found


def _probable_answer(messages: Sequence[Message], suggestions: Sequence[ArticleLink]) -> str:
    """What we linked to in an answer, the last one first; else what was suggested with good probability."""
    ours = " ".join(one.body for one in reversed(messages) if one.kind == Message.Kind.OUTBOUND)
    slugs = list(dict.fromkeys(_ARTICLE_PATH.findall(ours)))
    if slugs:
        published = Article.objects.published().values("pk")
        texts = ArticleTranslation.objects.filter(slug__in=slugs, article__in=published)
        by_slug = {text.slug: text.article_id for text in texts}
        if found := next((by_slug[slug] for slug in slugs if slug in by_slug), None):
            return str(found)
    best = suggestions[0] if suggestions else None
    return str(best.pk) if best and (best.percent or 0) >= _PROBABLE_PERCENT else ""


def _similar(ticket: Ticket, tickets: TicketQuerySet) -> list[SolvedAlike]:
    found = similar_solved(ticket, _SIMILAR_SHOWN)
    visible = set(tickets.filter(pk__in=[one.pk for one in found]).values_list("pk", flat=True)) if found else set()
    return [SolvedAlike(one, _link_to(one.answered_by, ticket.language)) for one in found if one.pk in visible]


def article_choices(ticket: Ticket, suggestions: Sequence[ArticleLink], words: str, chosen: str) -> list[ArticleLink]:
    """What may be picked as the answer: the one picked already, what was suggested, what the words find."""
    found = search_articles(words, ticket.language, is_typing=True).results[:_FOUND_SHOWN] if words.strip() else []
    links = [*suggestions, *(_link(result.translation, ticket.language) for result in found)]
    if chosen.isdecimal() and len(chosen) < 19 and int(chosen) not in {link.pk for link in links}:
        picked = Article.objects.published().filter(pk=int(chosen)).prefetch_related("translations").first()
        links = [link for link in [_link_to(picked, ticket.language)] if link] + links
    unique: dict[int, ArticleLink] = {}
    for link in links:
        unique.setdefault(link.pk, link)
    return list(unique.values())


def articles_for_many(numbers: Sequence[int], words: str, chosen: str, language: str) -> list[tuple[str, str]]:
    """What may be picked as the answer to all of these cases, as (number, title): what was suggested for most of them
    first, what the words find, and the one picked already."""
    counted = TicketSuggestion.objects.filter(ticket__in=numbers[:_LOOKED_AT]).values("article")
    often = counted.annotate(cases=Count("pk"), sure=Max("probability")).order_by("-cases", "-sure")
    keys = [row["article"] for row in often[:_FOUND_SHOWN]]
    # The words may be the agent's or the customers'.
    spoken = Ticket.objects.filter(pk__in=numbers[:_LOOKED_AT]).values_list("language", flat=True).distinct()
    for tongue in dict.fromkeys([language, *sorted(spoken)]) if words.strip() else ():
        found = search_articles(words, tongue, is_typing=True).results[:_FOUND_SHOWN]
        keys = [*(result.translation.article_id for result in found), *keys]
    if chosen.isdecimal() and len(chosen) < 19:
        keys = [int(chosen), *keys]
    articles = Article.objects.published().prefetch_related("translations").in_bulk(keys)
    links = [_link_to(articles[key], language) for key in dict.fromkeys(keys) if key in articles]
    return [(str(link.pk), link.title) for link in links if link]


def _files(message: Message) -> list[FileLink]:
    """Its files. Of the pictures that stand in the text of a letter the small ones are left out: they are logos."""
    files = [one for one in message.attachments.all() if not one.content_id or one.size > _LOGO_BYTES]
    return [FileLink(one.name, one.size, attachment_path(one), one.is_image) for one in files]


def suggested_articles(ticket: Ticket) -> list[ArticleLink]:
    """What was found to answer the case when it came in, most probable first."""
    rows = ticket.suggestions.select_related("article").prefetch_related("article__translations")
    texts = ((row, row.article.text_in(ticket.language)) for row in rows)
    return [_link(text, ticket.language, round(100 * row.probability)) for row, text in texts if text]


def _link_to(article: Article | None, language: str) -> ArticleLink | None:
    text = article.text_in(language) if article else None
    return _link(text, language) if text else None


def _link(text: ArticleTranslation, language: str, percent: int | None = None) -> ArticleLink:
    path = _path(text)
    return ArticleLink(text.article_id, text.title, path, settings.SITE_URL + path, text.language != language, percent)


def _path(text: ArticleTranslation) -> str:
    with override(text.language):
        return text.get_absolute_url()


def _journey(ticket: Ticket) -> list[JourneyStep]:
    return journey_steps(ticket.journey_summary, ticket.language)


def journey_steps(summary: Sequence[Any], language: str) -> list[JourneyStep]:
    """What a customer did before they turned to us, for people to read. At most two queries."""
    steps = [step for step in summary if isinstance(step, dict)]
    pks = {step["article"] for step in steps if isinstance(step.get("article"), int)}
    articles = Article.objects.filter(pk__in=pks).prefetch_related("translations") if pks else []
    texts = {article.pk: article.text_in(language) for article in articles}
    return [told for step in steps if (told := _step(step, texts))]


def _step(step: dict[str, Any], texts: dict[int, ArticleTranslation | None]) -> JourneyStep | None:
    channel = str(step.get("channel", ""))
    channel = str(dict(ChannelKind.choices).get(channel, channel)).lower()
    verb = {
        "searched": _("Searched for “%(words)s”") % {"words": step.get("text", "")},
        "read": pgettext("step of a visit", "Read"),
        "article_viewed": pgettext("step of a visit", "Read"),
        "suggestion_opened": _("Opened the suggestion"),
        "suggestion_dismissed": _("Put the suggestion aside"),
        "answered": _("Said that it was answered"),
        "not_answered": _("Said: not quite"),
        "channel_chosen": _("Chose %(channel)s") % {"channel": channel},
    }.get(str(step.get("kind")))
    if verb is None:
        return None
    text = texts.get(step["article"]) if isinstance(step.get("article"), int) else None
    return JourneyStep(
        text=verb,
        title=str(step.get("title", "")),
        path=_path(text) if text else "",
        found_nothing=step.get("kind") == "searched" and step.get("results") == 0,
        at=parse_datetime(str(step.get("at", ""))) if step.get("at") else None,
    )
