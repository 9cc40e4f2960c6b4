"""An imported case in our own words: what is mapped, what is not, and what cannot be taken."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model

from knowledge.models import Topic
from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.importers.base import ImportedCase, Person, UnreadableImport
from tickets.importers.mapping import Mapping
from tickets.models import CustomField, Team, Ticket, TopicTeam
from tickets.services.field_values import read_value
from tickets.services.intake import MAX_SUBJECT_CHARACTERS
from tickets.services.tagging import MAX_TAG_CHARACTERS, MAX_TAGS, normalise_tag

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_SHOWN_CHARACTERS = 60


@dataclass
class Unmapped:
    """Words of the other system that the mapping does not know, by section, with how often each came."""

    by_section: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def note(self, section: str, word: Any) -> None:
        self.by_section[section][str(word)[:_SHOWN_CHARACTERS]] += 1

    def take_over(self, other: Unmapped) -> None:
        for section, words in other.by_section.items():
            self.by_section[section].update(words)


class Translator:
    """Looks everything up once, and answers for each case from memory."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.users = {user.email.lower(): user for user in get_user_model()._default_manager.all()}
        self.topics = {topic.slug: topic for topic in Topic.objects.all()}
        self.teams = {team.key: team for team in Team.objects.all()}
        self.team_of = {row.topic_id: row.team for row in TopicTeam.objects.select_related("team")}
        self.fields = {one.key: one for one in CustomField.objects.prefetch_related("texts")}
        self._check()

    def _check(self) -> None:
        """A mapping to something that is not there is a mistake in the file, to be told before anything is done."""
        for section, ours in (
            ("topics", self.topics),
            ("teams", self.teams),
            ("agents", self.users),
            ("fields", self.fields),
        ):
            for word in getattr(self.mapping, section).values():
                if word and word.lower() not in ours:
                    raise UnreadableImport(f"`{section}` in the mapping names “{word}”, which is not there.")

    def values(self, case: ImportedCase, unmapped: Unmapped) -> dict[str, Any]:
        """The ticket's own fields."""
        mapping = self.mapping
        status = self._word("statuses", case.status or mapping.status, unmapped)
        topic = self.topics.get(self._word("topics", case.group, unmapped).lower()) if case.group else None
        team = self.teams.get(mapping.teams.get(case.group.lower(), "").lower())
        return {
            "subject": " ".join(clean(case.subject).split())[:MAX_SUBJECT_CHARACTERS],
            "status": status or Ticket.Status.OPEN,
            "priority": self._word("priorities", case.priority, unmapped) or Ticket.Priority.NORMAL,
            "type": self._word("types", case.type, unmapped) or Ticket.Type.QUESTION,
            "topic": topic,
            "team": team or (self.team_of.get(topic.pk) if topic else None),
            "assignee": self.agent(case.assignee, unmapped),
            "fields": self._fields(case, unmapped),
            "language": mapping.language_for(case.customer.locale),
        }

    def _word(self, section: str, word: str, unmapped: Unmapped) -> str:
        known: dict[str, str] = getattr(self.mapping, section)
        if not word:
            return ""
        if word.lower() not in known:
            unmapped.note(section, word)
        return known.get(word.lower(), "")

    def agent(self, person: Person, unmapped: Unmapped) -> User | None:
        """Who of us it was: by the mapping, else by the same address."""
        email = person.email.lower()
        if not email:
            return None
        ours = self.mapping.agents.get(email, email).lower()
        if ours and ours not in self.users:
            unmapped.note("agents", email)
        return self.users.get(ours)

    def tags(self, case: ImportedCase) -> list[str]:
        """Tags need no mapping: what it does not name is taken as it is."""
        names = [normalise_tag(self.mapping.tags.get(tag.lower(), tag)) for tag in case.tags]
        return list(dict.fromkeys(name[:MAX_TAG_CHARACTERS] for name in names if name))[:MAX_TAGS]

    def _fields(self, case: ImportedCase, unmapped: Unmapped) -> dict[str, Any]:
        taken = {}
        for theirs, value in case.fields.items():
            if theirs.lower() not in self.mapping.fields:
                unmapped.note("fields", theirs)
                continue
            ours = self.mapping.fields[theirs.lower()]
            if not ours or value in ("", None):
                continue
            try:
                taken[ours] = read_value(self.fields[ours.lower()], value)
            except TicketError:
                unmapped.note(f"values of the field {ours}", value)
        return taken
