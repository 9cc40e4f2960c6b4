"""Articles and queries to measure with: real ones where there are, made of their sentences where more are wanted."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+|\n+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_SYLLABLES = (
    "ka",
    "le",
    "ro",
    "mi",
    "sta",
    "ven",
    "pos",
    "ter",
    "fra",
    "gul",
    "bet",
    "lag",
    "und",
    "sen",
    "vik",
    "are",
)
_MADE_ARTICLES = 1000
_QUERIES_FROM_FIRST = 300


@dataclass(frozen=True)
class Article:
    id: str
    title: str
    body: str

    @property
    def text(self) -> str:
        return f"{self.title}\n{self.body}"


@dataclass(frozen=True)
class Queries:
    """What people do: the beginning of a title, one to four words, sixty words about one article."""

    typed: list[str]
    short: list[str]
    long: list[str]


def real_articles(data: Path, language: str) -> list[Article]:
    """The articles of `scale/articles_<language>.jsonl` (or of the file in `data` itself); none where it is missing."""
    for path in (data / "scale" / f"articles_{language}.jsonl", data / f"articles_{language}.jsonl"):
        if path.exists():
            rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
            articles = [Article(str(row["id"]), str(row["title"]), str(row["body"])) for row in rows]
            return [article for article in articles if article.title.strip() and article.body.strip()]
    return []


def made_articles(count: int) -> list[Article]:
    """Articles of invented words, as frequent as words are (Zipf's law): for a machine without the data."""
    chance = random.Random(1)  # noqa: S311 (repeatable, no secret)
    words = list(dict.fromkeys("".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(30_000)))
    weights = [1 / rank for rank in range(1, len(words) + 1)]

    def sentence(least: int, most: int) -> str:
        return " ".join(chance.choices(words, weights, k=chance.randint(least, most))).capitalize()

    return [
        Article(
            f"made-{number}",
            sentence(3, 7),
            "\n\n".join(". ".join(sentence(6, 18) for _ in range(4)) + "." for _ in range(chance.randint(2, 7))),
        )
        for number in range(count)
    ]


def articles(data: Path, language: str, count: int) -> list[Article]:
    """So many articles: the real ones first, then their sentences shuffled into others."""
    real = real_articles(data, language) or made_articles(_MADE_ARTICLES)
    chance = random.Random(2)  # noqa: S311 (repeatable, no secret)
    sentences = [part for article in real for part in _SENTENCE_END.split(article.body) if len(part) > 20]
    titles = [article.title for article in real]
    shuffled = (
        Article(
            f"shuffled-{number}",
            " ".join([*chance.choice(titles).split()[:4], *chance.choice(titles).split()[-3:]])[:150],
            _paragraphs(chance.sample(sentences, chance.randint(8, 24))),
        )
        for number in range(max(0, count - len(real)))
    )
    return [*real[:count], *shuffled]


def _paragraphs(sentences: Iterable[str]) -> str:
    parts = iter(sentences)
    return "\n\n".join(" ".join(chunk) for chunk in iter(lambda: list(islice(parts, 4)), []))


def queries(articles: Sequence[Article], count: int) -> Queries:
    """The same at each run and each size: all are about the first articles."""
    chance = random.Random(3)  # noqa: S311 (repeatable, no secret)
    chosen = [chance.choice(articles[:_QUERIES_FROM_FIRST]) for _ in range(count)]
    return Queries(
        [_beginning(article.title, chance) for article in chosen],
        [_words_of(article.title, chance.randint(1, 4), chance) for article in chosen],
        [_words_of(article.body, 60, chance) for article in chosen],
    )


def _beginning(title: str, chance: random.Random) -> str:
    return title[: chance.randint(3, 20)].strip()


def _words_of(text: str, count: int, chance: random.Random) -> str:
    words = _WORD.findall(text)
    start = chance.randrange(max(1, len(words) - count))
    return " ".join(words[start : start + count]) or text[:40]
