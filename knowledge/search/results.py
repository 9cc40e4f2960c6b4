"""What a search answers with. Texts are fetched when they are shown, ten at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import overload

from knowledge.models import ArticleTranslation
from knowledge.search.highlight import Block, Passage, Wanted, best_run, block_of, mark
from knowledge.search.segments import IndexUnavailable

# The first results are fetched with the search itself, so that `total` counts what can really be shown.
FIRST_PAGE = 10
_CHUNK = 50


class Matched(StrEnum):
    """How much of the query the results hold: `SOME` results are shown, yet may be a gap in the content."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


@dataclass(frozen=True)
class SectionHit:
    """The section of an article that holds the passage: its heading, and the id of the heading on the page."""

    heading: str
    anchor: str


@dataclass(frozen=True)
class TopicCount:
    """How many of the results, before any topic was chosen, belong to a topic."""

    topic_slug: str
    count: int


@dataclass(frozen=True)
class Result:
    translation: ArticleTranslation
    score: float
    wanted: Wanted
    is_other_language: bool = False
    blocks: Callable[[], Sequence[Block]] | None = None
    """What the index keeps to cut passages from; without it the text is rendered."""

    @cached_property
    def title(self) -> Passage:
        """The title with what matched marked."""
        return mark(self.translation.title, self.wanted, self.translation.language)

    @property
    def passage(self) -> Passage:
        """What of the text answers best, with what matched marked."""
        return mark(self._cut[0], self.wanted, self.translation.language)

    @property
    def excerpt(self) -> str:
        """The passage without marks, for whoever shows none: marking costs as much as finding it."""
        return self._cut[0]

    @property
    def section(self) -> SectionHit | None:
        """The section that the passage lies in, where it has a heading that can be linked to."""
        block = self._cut[1]
        return SectionHit(block.heading, block.anchor) if block and block.anchor and block.heading else None

    @cached_property
    def _cut(self) -> tuple[str, Block | None]:
        try:
            blocks = self.blocks() if self.blocks else blocks_of(self.translation)
        except IndexUnavailable:
            blocks = blocks_of(self.translation)
        return best_run(blocks, self.wanted)


def blocks_of(text: ArticleTranslation) -> list[Block]:
    """The summary, then each section: what a passage may be cut from."""
    sections = (
        block_of(section.text, text.language, anchor=section.anchor, heading=section.title)
        for section in text.rendered.sections
    )
    return [block_of(text.summary, text.language), *sections]


class FoundTexts(Sequence[Result]):
    """Results in order. A slice is fetched in one query; a text withdrawn since it was indexed drops out."""

    def __init__(self, ids: Sequence[int], result_of: Callable[[int, ArticleTranslation], Result]) -> None:
        """`ids` of the texts, best first; `result_of` makes a result of a place among them and its text."""
        self._ids = ids
        self._result_of = result_of
        self._places = list(range(len(ids)))
        self._fetched: dict[int, Result] = {}

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, wanted: int) -> Result: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[Result]: ...
    def __getitem__(self, wanted: int | slice) -> Result | list[Result]:
        if isinstance(wanted, slice):
            return self._fetch(wanted)
        return self._fetch(slice(wanted, wanted + 1 or None))[0]

    def __iter__(self) -> Iterator[Result]:
        place = 0
        while chunk := self._fetch(slice(place, place + _CHUNK)):
            yield from chunk
            place += len(chunk)

    def _fetch(self, wanted: slice) -> list[Result]:
        while missing := [place for place in self._places[wanted] if place not in self._fetched]:
            ids = [self._ids[place] for place in missing]
            texts = ArticleTranslation.objects.published().filter(pk__in=ids).select_related("article__topic")
            by_id = {text.pk: text for text in texts.order_by()}
            gone = {place for place in missing if self._ids[place] not in by_id}
            for place in missing:
                if place not in gone:
                    self._fetched[place] = self._result_of(place, by_id[self._ids[place]])
            if gone:
                self._places = [place for place in self._places if place not in gone]
        return [self._fetched[place] for place in self._places[wanted]]


@dataclass(frozen=True)
class SearchResults:
    query: str
    language: str
    results: Sequence[Result] = field(default_factory=list)
    matched: Matched = Matched.NONE
    is_degraded: bool = False
    corrected_to: str | None = None
    """The results are for this spelling, because nothing at all was found for what was written."""
    did_you_mean: str | None = None
    """Something was found; this spelling would find more of what was meant."""
    facets: Sequence[TopicCount] = ()
    """Topics of the results before the topic filter, most results first."""

    @property
    def total(self) -> int:
        return len(self.results)
