"""How well the matcher does on questions with known answers, in the figures that others publish."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deflection.matching.corpus import Document
from deflection.matching.encoders import current_encoder
from deflection.matching.matcher import learn, rank_question
from deflection.matching.model import Ranked
from knowledge.importers.base import Refused
from knowledge.importers.jsonl import read_jsonl
from knowledge.rendering import render
from knowledge.search.languages import LANGUAGES

_BANDS = 10


class EvaluationError(Exception):
    """The set cannot be used; the sentence says why."""


@dataclass(frozen=True)
class Query:
    text: str
    language: str
    article: int | None


@dataclass(frozen=True)
class Outcome:
    """What the matcher said to a query, best first, and how long it took (seconds)."""

    query: Query
    ranked: Sequence[Ranked]
    seconds: float

    @property
    def place(self) -> int | None:
        """The rank of the right article, from 1; None when it is not among those ranked."""
        ids = [one.article_id for one in self.ranked]
        return ids.index(self.query.article) + 1 if self.query.article in ids else None

    @property
    def first(self) -> float:
        return self.ranked[0].probability if self.ranked else 0.0

    @property
    def is_right(self) -> bool:
        return self.query.article is not None and self.place == 1


def evaluate(folder: Path, *, threshold: float, limit: int | None = None) -> dict[str, Any]:
    """Learns the set's articles and asks its queries, in their order. Raises EvaluationError for a bad set."""
    if limit is not None and limit < 1:
        raise EvaluationError("The limit must be at least 1.")
    ids: dict[str, int] = {}
    documents = list(_documents(folder / "articles.jsonl", ids))
    queries = list(_queries(folder / "queries.jsonl", ids))[:limit]
    if not documents or not queries:
        raise EvaluationError(f"{folder} holds no articles or no queries.")
    started = time.perf_counter()
    model = learn(documents, current_encoder())
    index_seconds = time.perf_counter() - started
    outcomes = []
    for query in queries:
        asked = time.perf_counter()
        ranked = rank_question(model, query.text, query.language)
        outcomes.append(Outcome(query, ranked, time.perf_counter() - asked))
    return {
        "articles": len(documents),
        "queries": len(queries),
        **figures(outcomes, threshold),
        "index_s": round(index_seconds, 2),
        "threshold": threshold,
        "encoder": model.encoder_name or None,
        **reliability(outcomes),
    }


def _documents(path: Path, ids: dict[str, int]) -> Iterator[Document]:
    if not path.is_file():
        raise EvaluationError(f"{path} is missing.")
    for number, row in enumerate(read_jsonl(path, "en"), start=1):
        if isinstance(row, Refused):
            raise EvaluationError(f"{row.where}: {row.reason}")
        if row.language not in LANGUAGES:
            raise EvaluationError(f"{row.where}: the language {row.language} is not known.")
        article = ids.setdefault(row.key or str(number), len(ids) + 1)
        sections = render(row.body, row.language).sections if row.body else ()
        yield Document(
            translation_id=number,
            article_id=article,
            language=row.language,
            title=row.title,
            summary=row.summary,
            sections=tuple((section.title, section.text) for section in sections),
            phrasings=tuple(row.phrasings),
        )


def _queries(path: Path, ids: dict[str, int]) -> Iterator[Query]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text, language, article = str(row["text"]), str(row["language"]), row["article"]
        except (ValueError, KeyError, TypeError) as error:
            raise EvaluationError(f"{path.name}:{number} is no object with text, language and article.") from error
        if language not in LANGUAGES:
            raise EvaluationError(f"{path.name}:{number}: the language {language} is not known.")
        if article is not None and str(article) not in ids:
            raise EvaluationError(f"{path.name}:{number}: there is no article {article}.")
        yield Query(text, language, None if article is None else ids[str(article)])


def figures(outcomes: Sequence[Outcome], threshold: float) -> dict[str, Any]:
    """Shares from 0 to 1 (None where there is nothing to count), times in milliseconds."""
    answerable = [one for one in outcomes if one.query.article is not None]
    unanswerable = [one for one in outcomes if one.query.article is None]
    shown = [one for one in outcomes if one.first >= threshold]
    milliseconds = [1000 * one.seconds for one in outcomes]
    return {
        "acc@1": _share([one.is_right for one in answerable]),
        "hit@3": _share([one.place is not None and one.place <= 3 for one in answerable]),
        "mrr@10": _share([1 / one.place if one.place else 0.0 for one in answerable]),
        "silent_on_null": _share([one.first < threshold for one in unanswerable]),
        "shown_on_answerable": _share([one.first >= threshold for one in answerable]),
        "precision_shown@1": _share([one.is_right for one in shown]),
        "right_shown": _share([one.is_right and one.first >= threshold for one in answerable]),
        "p50_ms": round(float(np.percentile(milliseconds, 50)), 2),
        "p95_ms": round(float(np.percentile(milliseconds, 95)), 2),
    }


def reliability(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Whether the probability of the first suggestion is the share that is right: by tenth, and the mean error.

    The expected calibration error of Naeini, Cooper & Hauskrecht (2015), "Obtaining Well Calibrated Probabilities
    Using Bayesian Binning"; each band is [from, how many, mean probability, share right].
    """
    bands, error = [], 0.0
    for band in range(_BANDS):
        inside = [one for one in outcomes if min(int(one.first * _BANDS), _BANDS - 1) == band]
        if not inside:
            continue
        said = sum(one.first for one in inside) / len(inside)
        right = sum(one.is_right for one in inside) / len(inside)
        bands.append([band / _BANDS, len(inside), round(said, 3), round(right, 3)])
        error += len(inside) / len(outcomes) * abs(said - right)
    return {"ece": round(error, 4), "reliability": bands}


def _share(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
