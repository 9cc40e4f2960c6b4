"""What the matcher knows of each article text, whichever place it comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from knowledge.models import ArticleTranslation, Phrasing

_PASSAGE_WORDS = 90
_MOST_PASSAGES = 24
_MOST_STAND_INS = 8


@dataclass(frozen=True)
class Passage:
    """A run of at most about 90 words out of one section, the piece that a question is compared with."""

    section: int
    text: str


@dataclass(frozen=True)
class Document:
    """One article text: `sections` are (heading, text) pairs as on the page, `phrasings` how customers ask for it."""

    translation_id: int
    article_id: int
    language: str
    title: str
    summary: str = ""
    sections: tuple[tuple[str, str], ...] = ()
    phrasings: tuple[str, ...] = ()
    rejections: tuple[str, ...] = field(default=())

    @property
    def headings(self) -> list[str]:
        return [heading for heading, _ in self.sections if heading]

    @property
    def body(self) -> str:
        return "\n".join(text for _, text in self.sections)

    @property
    def stand_ins(self) -> list[str]:
        """What may stand for the phrasings of an article that nobody has asked for yet: what it says in short."""
        sentences = [part.partition(". ")[0] for part in (*self.summary.split(". "), *(t for _, t in self.sections))]
        return [text for text in dict.fromkeys((*self.headings, *sentences)) if text][:_MOST_STAND_INS]

    def passages(self) -> list[Passage]:
        """The text cut into runs; one that is title and summary alone where there is no text."""
        found = [
            Passage(place, f"{heading}\n{run}".strip())
            for place, (heading, text) in enumerate(self.sections)
            for run in _runs(text)
        ]
        if self.summary or not found:
            found.insert(0, Passage(-1, f"{self.title}\n{self.summary}".strip()))
        return found[:_MOST_PASSAGES]


def _runs(text: str) -> Iterator[str]:
    """Whole lines and sentences, gathered up to the length of a passage."""
    held: list[str] = []
    count = 0
    for line in text.replace(". ", ".\n").split("\n"):
        words = len(line.split())
        if held and count + words > _PASSAGE_WORDS:
            yield " ".join(held)
            held, count = [], 0
        if words:
            held.append(line)
            count += words
    if held:
        yield " ".join(held)


def site_documents(rejections: Mapping[int, Sequence[tuple[str, str]]]) -> list[Document]:
    """Every published text with its phrasings; `rejections` as `rejected_texts()` gathers them."""
    phrasings: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    rows = Phrasing.objects.active().order_by("pk")
    for article_id, language, content in rows.values_list("article", "language", "text"):
        phrasings[article_id, language].append(content)
    return [
        Document(
            translation_id=text.pk,
            article_id=text.article_id,
            language=text.language,
            title=text.title,
            summary=text.summary,
            sections=tuple((section.title, section.text) for section in text.rendered.sections),
            phrasings=tuple(phrasings[text.article_id, text.language]),
            rejections=tuple(t for code, t in rejections.get(text.article_id, ()) if code == text.language),
        )
        for text in ArticleTranslation.objects.published().order_by("pk")
    ]
