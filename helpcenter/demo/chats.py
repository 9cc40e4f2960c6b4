"""The demo shop's finished chats: one that an article answered, one that a colleague went on with."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from helpcenter.accounts.models import User
from helpcenter.demo.stories import read_yaml
from knowledge.models import Article, Topic
from tickets.models import AgentAvailability, Calendar, Channel, ChannelKind, Chat
from tickets.services import availability, chat_reading, chat_wishes, chats, lifecycle

_A_MOMENT = timedelta(seconds=20)


def make_chats(now: datetime, staff: dict[str, User], articles: dict[str, Article]) -> None:
    topics = {topic.slug: topic for topic in Topic.objects.all()}
    calendar = Channel.objects.get(kind=ChannelKind.CHAT).calendar
    for number, row in enumerate(read_yaml("chats.yaml")["chats"]):
        agent = staff[row["agent"]]
        at = _in_hours(now, row, calendar)
        availability.set_state(agent, AgentAvailability.State.AVAILABLE, at=at)
        chat, at = _talk(number, row, topics.get(row["topic"]), staff, at)
        chat_reading.mark_seen({chat.pk: {str(side): chat.last_seq for side in (Chat.Side.CUSTOMER, Chat.Side.AGENT)}})
        if row["answered_by"]:
            chats.end(chat, Chat.Side.AGENT, agent=agent, at=at + _A_MOMENT)
            lifecycle.solve(chat.ticket, agent=agent, article=articles[row["answered_by"]], at=at + 2 * _A_MOMENT)
        else:
            chat_wishes.solved_by_customer(chat, at=at + _A_MOMENT)
        availability.set_state(agent, AgentAvailability.State.AWAY, at=at)


def _in_hours(now: datetime, row: dict[str, Any], calendar: Calendar | None) -> datetime:
    """The last day that lies far enough back and on which somebody was there."""
    assert calendar is not None
    clock = time.fromisoformat(row["clock"])
    local = now.astimezone(calendar.zone)
    days = (
        datetime.combine(local.date() - timedelta(days=row["days_ago"] + n), clock, calendar.zone) for n in range(30)
    )
    return next(at for at in days if calendar.is_open(at))


def _talk(
    number: int, row: dict[str, Any], topic: Topic | None, staff: dict[str, User], at: datetime
) -> tuple[Chat, datetime]:
    """The chat with all that was said in it, and when it was over."""
    first, *lines = row["lines"]
    begun = {name: row[name] for name in ("language", "name", "email")}
    chat = chats.begin(body=first["text"], topic=topic, client_key=f"demo-chat-{number:06}", at=at, **begun)
    agent = staff[row["agent"]]
    chat = chats.accept(chat, agent, at=at + _A_MOMENT)
    for place, line in enumerate(lines):
        at += timedelta(seconds=line["after"])
        author = agent if line["by"] == "agent" else None
        key = f"demo-{number:03}-{place:03}"
        chats.say(chat, side=line["by"], body=line["text"], client_key=key, author=author, at=at)
        if note := line.get("handed_over"):
            by, agent = agent, staff[row["handed_to"]]
            chat = chats.hand_over(chat, to=agent, by=by, note=note, at=at + _A_MOMENT)
    chat.refresh_from_db()
    return chat, at
