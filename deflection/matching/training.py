"""Learning a site: building each language's texts, and fitting weights to the site's own questions.

No label comes from outside. Phrasings are held out and asked of a model that never saw them; whole articles are held
out with theirs, so that the model meets questions of the site's kind which nothing answers; and there are questions
that belong to no help center of this kind (foreign/).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from deflection.matching.corpus import Document
from deflection.matching.foreign import foreign_questions
from deflection.matching.fusion import CANDIDATES, Fusion, Sample, doubts_of, fit
from deflection.matching.meaning import Encode, QuestionCentre, centred
from deflection.matching.model import Fusions, Learned, Model
from deflection.matching.priors import prior
from deflection.matching.reading import Reading, read
from deflection.matching.rejected import RejectedTexts
from deflection.matching.views import LanguageTexts, Question, build
from knowledge.search.languages import LANGUAGES

# How many parts the phrasings are held out in: few questions must all be used, of many one part is enough.
_FEW_PHRASINGS, _FOLDS, _SHARE_OF_MANY = 1500, 4, 0.2
_FEWEST_PHRASINGS = 24
_MOST_HELD_OUT = 2000
# Weights are fitted anew when the number of phrasings has changed by this share.
_FIT_AGAIN_FROM = 0.2
_FEWEST_ARTICLES = 8
# Of all that is asked, so much has no answer in the knowledge base: half of it in the site's field, half not.
_UNANSWERED = 0.2


@dataclass(frozen=True)
class Asked:
    """A question put to a model that does not know it: the place of the article that answers, None for none."""

    text: str
    answer: int | None
    weight: float


class Readings:
    """Each text is read once a training, however many models it goes through."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Reading] = {}

    def __call__(self, text: str, language: str) -> Reading:
        key = (text, language)
        if key not in self._known:
            self._known[key] = read(text, language)
        return self._known[key]


def train(
    documents: Sequence[Document], encode: Encode | None = None, encoder_name: str = "", before: Model | None = None
) -> Model:
    """Learns all languages of the documents. Takes time; belongs into the worker or a command.

    What was learned `before` is kept for languages whose texts are the same, and its weights for those that changed
    only a little: then a new article costs a second and not a minute.
    """
    by_language: defaultdict[str, list[Document]] = defaultdict(list)
    for document in documents:
        by_language[document.language].append(document)
    centres = {} if encode is None else {code: _centre(code, by_language[code], encode) for code in LANGUAGES}
    known = before.languages if before is not None and before.encoder_name == encoder_name else {}
    languages = {
        code: _learn(code, held, encode, centres, known.get(code)) for code, held in by_language.items() if held
    }
    return Model(languages, centres, encoder_name)


def _centre(language: str, documents: Sequence[Document], encode: Encode) -> QuestionCentre:
    """Where questions lie before any was asked: the site's phrasings, else questions of all kinds."""
    phrasings = [text for document in documents for text in document.phrasings][:_MOST_HELD_OUT]
    if len(phrasings) >= _FEWEST_PHRASINGS:
        return QuestionCentre.of(encode(phrasings, "question"), 100.0)
    return QuestionCentre.of(encode(foreign_questions(language), "question"))


def _learn(
    code: str,
    documents: Sequence[Document],
    encode: Encode | None,
    centres: dict[str, QuestionCentre],
    before: Learned | None,
) -> Learned:
    digest = hashlib.sha256(repr(documents).encode()).hexdigest()
    if before is not None and before.digest == digest:
        return before
    readings = Readings()
    texts = build(documents, code, encode, readings)
    phrasings = sum(len(document.phrasings) for document in documents)
    if before is not None and before.texts.regime == texts.regime and _is_near(phrasings, before.fitted_on):
        own, fitted_on = before.own, before.fitted_on
    else:
        own, fitted_on = _fitted(texts, documents, encode, readings, centres.get(code)), phrasings
    rejected = {text: readings(text, code) for document in documents for text in document.rejections}
    return Learned(texts, own, RejectedTexts.of(documents, rejected), digest, fitted_on)


def _is_near(phrasings: int, fitted_on: int) -> bool:
    """Whether the questions are still nearly those that the weights were fitted to."""
    return abs(phrasings - fitted_on) <= _FIT_AGAIN_FROM * max(fitted_on, _FEWEST_PHRASINGS)


def _fitted(
    texts: LanguageTexts,
    documents: Sequence[Document],
    encode: Encode | None,
    readings: Readings,
    centre: QuestionCentre | None,
) -> Fusions:
    kind = texts.regime.split("+")[0]
    asked = list(_held_out(documents, texts, encode, readings, centre))
    plain = fit([sample for sample, _ in asked], prior(kind))
    with_meaning = fit([sample for _, sample in asked if sample is not None], prior(f"{kind}+meaning"))
    return Fusions(plain, with_meaning)


def _held_out(
    documents: Sequence[Document],
    whole: LanguageTexts,
    encode: Encode | None,
    readings: Readings,
    centre: QuestionCentre | None,
) -> Iterator[tuple[Sample, Sample | None]]:
    """Samples without and with sentence vectors, from models like the whole that were built without the question."""
    code = whole.language
    phrasings = sum(len(document.phrasings) for document in documents)
    if phrasings < _FEWEST_PHRASINGS:
        return
    chance = np.random.default_rng(0)
    folds = _FOLDS if phrasings <= _FEW_PHRASINGS else round(1 / _SHARE_OF_MANY)
    rows = [chance.permutation(len(document.phrasings)) % folds for document in documents]
    groups = chance.permutation(len(documents)) % folds
    for fold in range(folds if phrasings <= _FEW_PHRASINGS else 1):
        kept, questions = _without(documents, rows, groups, fold)
        texts = build(kept, code, encode, readings, has_classifier=whole.asked is not None)
        for one in _weighted(questions, foreign_questions(code), chance):
            yield _samples(one, texts, code, encode, readings, centre)


def _without(
    documents: Sequence[Document], rows: Sequence[np.ndarray], groups: np.ndarray, fold: int
) -> tuple[list[Document], list[Asked]]:
    """The documents as they are without one part of the phrasings and of the articles, and the questions left out."""
    kept: list[Document] = []
    questions: list[Asked] = []
    for document, row, group in zip(documents, rows, groups, strict=True):
        if group == fold and len(documents) >= _FEWEST_ARTICLES:
            questions += [Asked(text, None, 1.0) for text in document.phrasings]
            continue
        held = [text for text, part in zip(document.phrasings, row, strict=True) if part == fold]
        questions += [Asked(text, len(kept), 1.0) for text in held]
        left = tuple(text for text, part in zip(document.phrasings, row, strict=True) if part != fold)
        kept.append(replace(document, phrasings=left))
    return kept, questions


def _weighted(questions: list[Asked], foreign: Sequence[str], chance: np.random.Generator) -> list[Asked]:
    """At most so many, with those that nothing answers weighing as much as they do in life."""
    answered = [one for one in questions if one.answer is not None]
    near = [one for one in questions if one.answer is None]
    answered = [answered[place] for place in chance.permutation(len(answered))[:_MOST_HELD_OUT]]
    near = [near[place] for place in chance.permutation(len(near))[: _MOST_HELD_OUT // 2]]
    unanswered = _UNANSWERED / (1 - _UNANSWERED) * len(answered) / 2
    return [
        *answered,
        *(replace(one, weight=unanswered / len(near)) for one in near),
        *(Asked(text, None, unanswered / len(foreign)) for text in foreign),
    ]


def _samples(
    asked: Asked,
    texts: LanguageTexts,
    code: str,
    encode: Encode | None,
    readings: Readings,
    centre: QuestionCentre | None,
) -> tuple[Sample, Sample | None]:
    reading = readings(asked.text, code)
    vector = None
    if encode is not None and centre is not None and texts.meaning is not None:
        vector = centred(encode([asked.text], "question"), centre.mean)[0]
    seen = texts.views(Question(reading, vector))
    views, known = seen.views, seen.known
    doubts = doubts_of(known)
    kind = texts.regime.split("+")[0]
    plain = _sample(views * _WITHOUT_MEANING, doubts, asked, prior(kind))
    return plain, None if vector is None else _sample(views, doubts, asked, prior(f"{kind}+meaning"))


_WITHOUT_MEANING = np.array([1, 1, 1, 1, 1, 0, 0, 0], dtype=np.float32)


def _sample(views: np.ndarray, doubts: np.ndarray, asked: Asked, start: Fusion) -> Sample:
    best = np.argsort(-start.scores(views), kind="stable")[:CANDIDATES]
    if asked.answer is not None and asked.answer not in best:
        best = np.append(best, asked.answer)
    answer = None if asked.answer is None else int(np.flatnonzero(best == asked.answer)[0])
    return Sample(views[best].astype(np.float64), doubts, answer, asked.weight)
