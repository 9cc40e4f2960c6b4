"""The box in which answers and notes are written: what it holds when the page is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import QueryDict

from knowledge.forms import row_number
from tickets.desk_forms import AnsweredByForm, NoteForm, ReplyForm, RowNumbersField
from tickets.errors import TicketError
from tickets.models import Draft, DraftFile, RootCause, Ticket
from tickets.services import drafts, judging
from tickets.services.case_file import ArticleLink, CaseFile, article_choices, suggested_articles
from tickets.services.macros import FilledMacro, macro_for, macros_for
from tickets.services.reply_channels import ReplyChannel, channels_for
from tickets.views.desk.door import DeskRequest

_FINDERS = {"look": "look", "find_macros": "macros", "find_links": "links"}


@dataclass(frozen=True)
class Step:
    """Something done to an answer on the way, without sending it."""

    kind: str
    """"look" for what answered it, "macros" or "links" to find one, "macro" or "link" to put one in."""
    value: str = ""


@dataclass(frozen=True)
class Box:
    reply: ReplyForm
    note: NoteForm
    mode: str
    """"reply" or "note": what the box shows first."""
    channels: list[ReplyChannel]
    channel: ReplyChannel
    waiting: list[DraftFile]
    drafts: dict[str, Draft]
    choices: list[ArticleLink]
    words: str
    chosen: str
    causes: list[RootCause]
    seen: int
    macros: list[FilledMacro] = field(default_factory=list)
    links: list[ArticleLink] = field(default_factory=list)
    open_picker: str = ""
    cause_guess: RootCause | None = None
    demand_guess: str = ""
    """What the cause and the kind of demand may be, until somebody has said."""


@dataclass(frozen=True)
class Over:
    """What can still be said of a case that is over."""

    form: AnsweredByForm
    asks_article: bool
    """Nobody has said what answered it."""
    choices: list[ArticleLink]
    words: str
    is_open: bool


def over_for(ticket: Ticket, file: CaseFile, form: AnsweredByForm | None) -> Over:
    known = {"root_cause": ticket.root_cause_id, "demand_type": ticket.demand_type}
    said = form or AnsweredByForm(initial=known)
    words = str(said["find"].value() or "")
    return Over(
        form=said,
        asks_article=judging.is_unjudged(ticket),
        choices=article_choices(ticket, file.suggestions, words, said.chosen_article),
        words=words,
        is_open=form is not None or not (ticket.resolution and (ticket.root_cause_id or ticket.demand_type)),
    )


def step_of(data: QueryDict) -> Step | None:
    """Which button was pressed, where it was not the one that sends."""
    if kind := next((kind for kind in ("macro", "link") if data.get(kind)), ""):
        return Step(kind, str(data[kind]))
    return next((Step(kind) for name, kind in _FINDERS.items() if name in data), None)


def resumed(request: DeskRequest, ticket: Ticket, data: QueryDict) -> dict[str, Any]:
    """What was being written, as the form's beginning, with what the pressed button puts in."""
    initial: dict[str, Any] = data.dict()
    initial["macros"] = RowNumbersField().clean(data.getlist("macros"))
    body = data.get("body", "")
    if macro := macro_for(ticket, request.user, row_number(data.get("macro", ""))):
        body = _with(body, macro.body)
        initial["macros"] = [*initial["macros"], macro.pk]
        initial["then"] = macro.then or initial.get("then", "")
    for link in article_choices(ticket, [], "", data.get("link", "")):
        body = _with(body, f"{link.title}\n{link.url}\n")
    initial["body"] = body
    return initial


def _with(body: str, more: str) -> str:
    return f"{body.rstrip()}\n\n{more}" if body.strip() else more


def keep_writing(request: DeskRequest, ticket: Ticket, form: ReplyForm) -> None:
    """An answer that did not leave becomes the draft, with the files that came with it: a browser would drop them."""
    macros = RowNumbersField().clean(form["macros"].value() or [])
    body = str(form["body"].value() or "")
    drafts.save_draft(ticket, user=request.user, kind=Draft.Kind.REPLY, body=body, macros=macros)
    for file in cast(list[UploadedFile[Any]], request.FILES.getlist("attachments")):
        try:
            drafts.keep_files(ticket, user=request.user, files=[file], body=body)
        except TicketError as error:
            if not (form.is_bound and form.errors.get("attachments")):
                messages.error(request, str(error))


def box_for(
    request: DeskRequest,
    ticket: Ticket,
    file: CaseFile,
    *,
    reply: ReplyForm | None,
    note: NoteForm | None,
    step: Step | None,
    is_news: bool,
) -> Box:
    """`is_news`: something was said that the agent is shown only now, so from here on it counts as seen."""
    kept = drafts.drafts_of(ticket, request.user)
    draft, begun = kept.get(Draft.Kind.REPLY), kept.get(Draft.Kind.NOTE)
    first_choice = file.probable_answer if reply is None else ""
    reply = reply or ReplyForm(initial={"body": draft.body, "macros": draft.macros} if draft else {})
    note = note or NoteForm(initial={"note": begun.body} if begun else {})
    channels, picked = channels_for(ticket), str(reply["channel"].value() or "")
    words, chosen = str(reply["find"].value() or ""), reply.chosen_article or first_choice
    kind = step.kind if step else ""
    return Box(
        reply=reply,
        note=note,
        mode="note" if note.is_bound or request.GET.get("write") == "note" or (begun and not draft) else "reply",
        channels=channels,
        channel=next((one for one in channels if one.kind == picked), channels[0]),
        waiting=list(draft.files.all()) if draft else [],
        drafts=kept,
        choices=article_choices(ticket, file.suggestions, words, chosen),
        words=words,
        chosen=chosen,
        # One that is not in use any more stays where it was chosen.
        causes=list(RootCause.objects.filter(Q(is_active=True) | Q(pk=ticket.root_cause_id))),
        # What came in since is only seen once the page has said so.
        seen=file.seen if is_news else row_number(str(reply["seen"].value() or "")) or file.seen,
        macros=macros_for(ticket, request.user, request.POST.get("macro_words", "")) if kind == "macros" else [],
        links=_links(request, ticket) if kind == "links" else [],
        open_picker=kind if kind in ("macros", "links") else "",
        cause_guess=_cause_guess(ticket),
        demand_guess="" if ticket.demand_type else ticket.demand_guess,
    )


def _cause_guess(ticket: Ticket) -> RootCause | None:
    guess = ticket.root_cause_guess
    return guess if guess and guess.is_active and not ticket.root_cause_id else None


def _links(request: DeskRequest, ticket: Ticket) -> list[ArticleLink]:
    words = request.POST.get("link_words", "")
    return article_choices(ticket, [] if words.strip() else suggested_articles(ticket), words, "")
