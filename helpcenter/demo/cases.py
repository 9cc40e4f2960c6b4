"""The demo shop's cases, told through the services that real cases go through, at the times of the stories."""

from __future__ import annotations

from datetime import datetime, timedelta

from deflection.models import Journey, JourneyEvent
from deflection.services import journeys
from deflection.services.suggestions import suggest
from helpcenter.accounts.models import User
from helpcenter.demo.stories import CaseNotes, CaseStory, Clock, Line, Stories, read_yaml
from helpcenter.demo.times import happened_at
from helpcenter.demo.visits import record_search
from knowledge.models import Article, ArticleView, Topic
from tickets.models import ChannelKind, OutboxMessage, RootCause, Ticket
from tickets.services import fields, history, lifecycle, properties, tagging
from tickets.services.intake import VisitContext, add_customer_message, open_ticket
from tickets.services.mentions import mention, named_in
from tickets.services.ratings import rate

Kind = JourneyEvent.Kind
# Cases of the demo carry keys that begin so; a form's own keys begin with "form:".
KEY = "demo:"
_A_MOMENT = timedelta(minutes=6)
_TO_RATE = timedelta(minutes=25)


def make_cases(stories: Stories, clock: Clock, articles: dict[str, Article], staff: dict[str, User]) -> None:
    """Opens and works every case, oldest first, as customers wrote them."""
    topics = {topic.slug: topic for topic in Topic.objects.all()}
    causes = {cause.key: cause for cause in RootCause.objects.all()}
    for story in sorted(stories.cases, key=clock.opened_at):
        ticket = _open(story, clock, topics.get(story.topic), articles)
        if story.assignee:
            agent = staff[story.assignee]
            notes = stories.notes.get(story.id, CaseNotes())
            _work(ticket, story, clock.opened_at(story), agent, articles)
            _note(ticket, notes, agent, causes.get(notes.cause))


def _open(story: CaseStory, clock: Clock, topic: Topic | None, articles: dict[str, Article]) -> Ticket:
    """The visit that came before the case, and the case."""
    at = clock.opened_at(story)
    journey = _visit(story, at, articles)
    found = suggest(story.message, story.language, subject=story.subject)
    shown = [(one.translation.article_id, one.probability) for one in found]
    journeys.note(journey, Kind.CONTACT_OPENED, at=at - timedelta(minutes=3))
    journeys.note_suggestions(journey, shown, at=at - timedelta(minutes=1))
    ticket = open_ticket(
        channel=ChannelKind.FORM,
        email=story.email,
        body=story.message,
        language=story.language,
        name=story.name,
        subject=story.subject,
        topic=topic,
        idempotency_key=f"{KEY}{story.id}",
        visit=VisitContext(origin=str(journey.pk), summary=journeys.summary(journey), suggestions=shown),
        at=at,
    )
    return ticket


def _visit(story: CaseStory, at: datetime, articles: dict[str, Article]) -> Journey:
    """What the customer searched and read before writing; a search leads to the article where it finds it."""
    moment = at - timedelta(minutes=6 + 2 * len(story.searches) + 2 * len(story.read))
    journey = journeys.begin(language=story.language, at=moment)
    unread = [articles[key] for key in story.read]
    for text in story.searches:
        opens = unread[0] if unread else None
        search, view = record_search(text, story.language, journey, moment, opens)
        search.save()
        if view is not None:
            view.save()
            unread.pop(0)
        moment += 2 * timedelta(minutes=1)
    for article in unread:
        if translation := article.text_in(story.language):
            ArticleView.objects.create(translation=translation, origin=str(journey.pk), created_at=moment)
        moment += 2 * timedelta(minutes=1)
    return journey


def _work(ticket: Ticket, story: CaseStory, opened: datetime, agent: User, articles: dict[str, Article]) -> None:
    """The conversation, line by line, and how it ended."""
    is_over = story.answered_by is not None
    article = articles[story.answered_by] if story.answered_by and story.answered_by != "none" else None
    first = opened + timedelta(hours=story.conversation[0].hours_later)
    lifecycle.assign(ticket, to=agent, by=agent, at=max(first - _A_MOMENT, opened + timedelta(minutes=2)))
    *lines, last = story.conversation
    for line in lines:
        _say(ticket, line, opened, agent)
    at = opened + timedelta(hours=last.hours_later)
    if is_over and last.by == "agent" and story.status == "solved":
        lifecycle.solve(ticket, agent=agent, article=article, body=last.text, at=at)
        return
    _say(ticket, last, opened, agent)
    if is_over:
        _end(ticket, story, at, agent, article)
    else:
        ticket.refresh_from_db()
        if story.status != ticket.status:
            lifecycle.change_status(ticket, story.status, agent=agent, at=at)


def _note(ticket: Ticket, notes: CaseNotes, agent: User, cause: RootCause | None) -> None:
    """What the agent wrote down beside the conversation, and what the customer said of it afterwards."""
    ticket.refresh_from_db()
    by = history.agent(agent)
    with happened_at(ticket.solved_at or ticket.updated_at):
        if notes.tags:
            tagging.add_tags(ticket, notes.tags, by=by)
        if notes.fields:
            fields.set_fields(ticket, notes.fields, by=by)
        for name in ("type", "priority"):
            if value := getattr(notes, name):
                properties.change_property(ticket, name, value, by=by)
        if cause or notes.demand:
            lifecycle.classify(ticket, agent=agent, root_cause=cause, demand_type=notes.demand)
    if notes.rating and ticket.solved_at:
        satisfaction, effort, comment = notes.rating
        rate(ticket, satisfaction=satisfaction, effort=effort, comment=comment, at=ticket.solved_at + _TO_RATE)


def _say(ticket: Ticket, line: Line, opened: datetime, agent: User) -> None:
    at = opened + timedelta(hours=line.hours_later)
    if line.by == "customer":
        add_customer_message(ticket, body=line.text, channel=ChannelKind.EMAIL, at=at)
    elif line.by == "note":
        lifecycle.add_note(ticket, agent=agent, body=line.text, at=at)
    else:
        lifecycle.send_reply(ticket, agent=agent, body=line.text, at=at)


def _end(ticket: Ticket, story: CaseStory, at: datetime, agent: User, article: Article | None) -> None:
    """Customers close what an article answered; the rest is solved by the agent, who knows that none did."""
    if story.status == "closed" and article is not None:
        lifecycle.close_by_customer(ticket, article=article, at=at + 2 * _A_MOMENT)
    else:
        lifecycle.solve(ticket, agent=agent, article=article, at=at + _A_MOMENT)


def share_among_agents(now: datetime, staff: dict[str, User], account: User | None) -> None:
    """What agents asked each other and handed on in the last hours; some of it to the demo's own agent, if any."""
    data = read_yaml("desk.yaml")
    for row in data["mentions"]:
        at = now - timedelta(hours=row["hours_ago"])
        note = lifecycle.add_note(told(row["case"]), agent=staff[row["by"]], body=row["text"], at=at)
        mention(note, named_in(row["text"]).people)
    if account is None:
        return
    for row in data["handed_over"]:
        at = now - timedelta(hours=row["hours_ago"])
        lifecycle.assign(told(row["case"]), to=account, by=staff[row["by"]], at=at)


def told(story: str) -> Ticket:
    return Ticket.objects.get(idempotency_key=f"{KEY}{story}")


def mark_letters_as_sent() -> None:
    """The letters of the past have long arrived: none of them may leave now."""
    rows = list(OutboxMessage.objects.select_related("ticket", "message"))
    for row in rows:
        if row.message is not None:
            written = row.message.created_at
        elif row.unique_key.startswith("solved:"):
            written = row.ticket.solved_at or row.ticket.updated_at
        else:
            written = row.ticket.created_at
        row.status = OutboxMessage.Status.SENT
        row.attempts = 1
        row.created_at = row.next_attempt_at = written
        row.sent_at = written + timedelta(seconds=3)
    OutboxMessage.objects.bulk_update(rows, ["status", "attempts", "created_at", "next_attempt_at", "sent_at"])
