"""Inside the site: chats that are under way, and afterwards what the database has of them. JSON in, JSON out."""

from __future__ import annotations

from uuid import UUID

import django

django.setup()

from django.contrib.auth.models import Group  # noqa: E402 (needs the settings)
from django.utils import timezone  # noqa: E402

from bench.printing import answer  # noqa: E402
from helpcenter.accounts.models import User  # noqa: E402
from tickets.models import AgentAvailability, Channel, ChannelKind, Chat, Message  # noqa: E402
from tickets.services import chats  # noqa: E402
from tickets.services.chat_keys import chat_key, socket_path  # noqa: E402


def make(count: int) -> list[dict[str, str]]:
    """So many customers, each in a chat that an agent has taken."""
    Channel.objects.get_or_create(kind=ChannelKind.CHAT)
    agent = User.objects.create(email="agent@bench.example", name="Agent")
    agent.groups.add(Group.objects.get(name="agent"))
    AgentAvailability.objects.create(user=agent, state=AgentAvailability.State.AVAILABLE, seen_at=timezone.now())
    made = []
    for number in range(count):
        chat = chats.begin(body="Hello?", language="en", email=f"c{number}@bench.example")
        chat = chats.accept(chat, agent)
        made.append({"id": str(chat.pk), "key": chat_key(chat), "socket": socket_path(chat)})
    return made


def read(numbers: list[str]) -> dict[str, list[str]]:
    """The texts of each chat in the order of their numbers."""
    rows = Message.objects.filter(chat__in=[UUID(one) for one in numbers], chat_seq__gt=1).order_by("chat", "chat_seq")
    found: dict[str, list[str]] = {pk: [] for pk in numbers}
    for pk, body in rows.values_list("chat", "body"):
        found[str(pk)].append(body)
    last = dict(Chat.objects.filter(pk__in=numbers).values_list("pk", "last_seq"))
    assert all(last[pk] == len(found[str(pk)]) + 1 for pk in last)
    return found


if __name__ == "__main__":
    answer({"make": make, "read": read})
