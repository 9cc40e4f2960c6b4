"""What administrators set about searching: how much each part of a text counts, and words that mean the same."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Max
from django.utils.translation import gettext_lazy as _

from knowledge.search.analysis import terms, words
from knowledge.search.tuning import DEFAULT_WEIGHTS, HIGHEST_WEIGHT, Weights

_TUNING_KEY = "search-tuning"
_STAMP_KEY = "synonyms-stamp"
# Seconds until a process without a shared cache sees what another one changed.
_CACHED_FOR = 10
_SEPARATORS = re.compile(r"[,;\n]+")
_MAX_ENTRIES = 30
_MAX_WORDS_AN_ENTRY = 5


def _weight(label: Any, default: float, help_text: Any = "") -> models.FloatField[float, float]:
    return models.FloatField(
        label,
        default=default,
        validators=[MinValueValidator(0.0), MaxValueValidator(HIGHEST_WEIGHT)],
        help_text=help_text,
    )


class SearchTuning(models.Model):
    """One row: how much a word counts in each part of an article. Takes effect at once, without a rebuild."""

    title = _weight(_("title"), DEFAULT_WEIGHTS.title)
    phrasings = _weight(_("phrasings"), DEFAULT_WEIGHTS.phrasings, _("Ways in which customers ask for the article."))
    headings = _weight(_("headings"), DEFAULT_WEIGHTS.headings)
    summary = _weight(_("summary"), DEFAULT_WEIGHTS.summary)
    body = _weight(_("text"), DEFAULT_WEIGHTS.body)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("search tuning")
        verbose_name_plural = _("search tuning")

    def __str__(self) -> str:
        return " · ".join(f"{name} {value:g}" for name, value in self.weights._asdict().items())

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    def clean(self) -> None:
        # A field that is wrong by itself is missing here, and has its own message.
        if not any(self.weights):
            raise ValidationError(_("At least one part must count for something."))

    @property
    def weights(self) -> Weights:
        return Weights(self.title, self.phrasings, self.headings, self.summary, self.body)

    @classmethod
    def current(cls) -> SearchTuning:
        """The one tuning; the default one (not saved) before anybody has set it."""
        found: SearchTuning | None = cache.get(_TUNING_KEY)
        if found is None:
            found = cls.objects.filter(pk=1).first() or cls()
            cache.set(_TUNING_KEY, found, _CACHED_FOR)
        return found

    @staticmethod
    def forget_current() -> None:
        cache.delete(_TUNING_KEY)


class SynonymQuerySet(models.QuerySet["Synonym"]):
    def active(self) -> SynonymQuerySet:
        return self.filter(is_active=True)

    def stamp(self) -> str:
        """Another string whenever a synonym was added, changed or removed; costs no query for some seconds."""
        found: str | None = cache.get(_STAMP_KEY)
        if found is None:
            last = self.aggregate(count=Count("pk"), highest=Max("pk"), latest=Max("updated_at"))
            found = f"{last['count']}-{last['highest']}-{last['latest']}"
            cache.set(_STAMP_KEY, found, _CACHED_FOR)
        return found


class Synonym(models.Model):
    """Words of one language that mean the same, or (one way) that should also find something else."""

    class Kind(models.TextChoices):
        MUTUAL = "mutual", _("All mean the same")
        ONE_WAY = "one_way", _("One way: also find")

    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, db_index=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.MUTUAL)
    words = models.TextField(
        _("words"),
        max_length=500,
        help_text=_("Words or short phrases, with commas between them or each on a line of its own."),
    )
    replacements = models.TextField(
        _("also find"),
        max_length=500,
        blank=True,
        help_text=_("One way only: a search for the words above also finds these, but not the other way round."),
    )
    is_active = models.BooleanField(_("in use"), default=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = SynonymQuerySet.as_manager()
    _by_kind: ClassVar[dict[str, str]] = {Kind.MUTUAL: " = ", Kind.ONE_WAY: ", "}

    class Meta:
        ordering = ["language", "words"]
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")

    def __str__(self) -> str:
        said = self._by_kind.get(self.kind, ", ").join(self.entries)
        return f"{said} → {', '.join(self.also)}" if self.kind == self.Kind.ONE_WAY else said

    @property
    def entries(self) -> list[str]:
        """What `words` lists, each entry one word or a short phrase."""
        return _listed(self.words)

    @property
    def also(self) -> list[str]:
        """What a one-way synonym also finds; nothing for a mutual one."""
        return _listed(self.replacements) if self.kind == self.Kind.ONE_WAY else []

    @staticmethod
    def forget_stamp() -> None:
        cache.delete(_STAMP_KEY)

    def clean(self) -> None:
        problems: dict[str, list[Any]] = {"words": self._problems_of(self.entries) if self.words.strip() else []}
        if self.kind == self.Kind.ONE_WAY:
            problems["replacements"] = self._problems_of(self.also)
            if set(map(self._key, self.entries)) & set(map(self._key, self.also)):
                problems["replacements"].append(_("A word cannot stand on both sides."))
        else:
            self.replacements = ""
            if self.entries and len(self.entries) < 2:
                problems["words"].append(_("Write at least two words that mean the same."))
        if not any(problems.values()) and self._is_listed_already():
            problems["words"].append(_("These synonyms exist already."))
        if any(problems.values()):
            raise ValidationError({name: found for name, found in problems.items() if found})

    def _key(self, entry: str) -> tuple[str, ...]:
        return tuple(terms(entry, self.language))

    def _problems_of(self, entries: list[str]) -> list[Any]:
        if not entries:
            return [_("Write at least one word.")]
        if len(entries) > _MAX_ENTRIES:
            return [_("At most %(number)s words or phrases in a list.") % {"number": _MAX_ENTRIES}]
        problems: list[Any] = []
        seen: set[tuple[str, ...]] = set()
        for entry in entries:
            key = self._key(entry)
            if not key:
                problems.append(_("“%(entry)s” is too common a word to search for.") % {"entry": entry})
            elif len(words(entry)) > _MAX_WORDS_AN_ENTRY:
                problems.append(_("“%(entry)s” is too long: at most five words.") % {"entry": entry})
            elif key in seen:
                problems.append(
                    _("“%(entry)s” is listed twice; forms of one word count as the same.") % {"entry": entry}
                )
            seen.add(key)
        return problems

    def _is_listed_already(self) -> bool:
        mine = self._sides()
        others = Synonym.objects.filter(language=self.language, kind=self.kind).exclude(pk=self.pk)
        return any(other._sides() == mine for other in others)

    def _sides(self) -> tuple[frozenset[tuple[str, ...]], frozenset[tuple[str, ...]]]:
        return frozenset(map(self._key, self.entries)), frozenset(map(self._key, self.also))


def _listed(text: str) -> list[str]:
    entries = (" ".join(entry.split()) for entry in _SEPARATORS.split(text))
    return [entry for entry in entries if entry]
