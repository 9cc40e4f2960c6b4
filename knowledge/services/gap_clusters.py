"""Which unanswered questions are about the same thing: by their words, and by who asked them in one visit.

Two questions are alike by the weight of the words that they share. A word weighs the more, the fewer articles and
gaps have it: "parcel" joins nothing, "embroidery" does, and goes on doing so however many ask for it. Parts of
compounds count half ("byxben" shares "byx" with "byxor"). A question joins the gap whose questions it resembles most
on average; the average, not the best, since one long story resembles a little of everything and would chain
strangers together.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict

from knowledge.models import ArticleTranslation, ContentGap
from knowledge.search import analysis

# A question belongs to a gap that it resembles this much; less will do where one visitor asked both.
SAME_QUESTION = 0.30
SAME_QUESTION_IN_ONE_VISIT = 0.15
# 0: a short question wholly contained in a long one is the same; 0.5: both count alike (cosine).
_BALANCE = 0.3
_PART_WEIGHT = 0.5
# Enough texts to know which words are common; reading a large knowledge base anew each hour is not needed.
_SAMPLE = 1000
# A smaller knowledge base says little of which words are common, and is counted as if it had this many texts.
_FEWEST_TEXTS = 20

Terms = dict[str, float]


class Wording:
    """The words of one language as articles and gaps use them: how rare each is."""

    def __init__(self, language: str) -> None:
        self.language = language
        texts = ArticleTranslation.objects.published().in_language(language).order_by("-updated_at")
        articles = [" ".join(row) for row in texts.values_list("title", "summary", "body")[:_SAMPLE]]
        self._articles = max(len(articles), _FEWEST_TEXTS)
        self._articles_with: Counter[str] = Counter()
        for text in articles:
            self._articles_with.update(self.terms(text).keys())
        self._gaps_with: defaultdict[str, set[int]] = defaultdict(set)
        self._gaps: set[int] = set()

    def learn(self, gap: int, terms: Terms) -> None:
        """Counts the words of a gap. However often it is asked, a gap counts once: its own words stay telling."""
        self._gaps.add(gap)
        for term in terms:
            self._gaps_with[term].add(gap)

    def gaps_with(self, terms: Terms) -> set[int]:
        """The gaps that have any of the terms: no other can be alike."""
        return {gap for term in terms for gap in self._gaps_with.get(term, ())}

    def terms(self, text: str) -> Terms:
        """The terms of a text with how much each counts in it: whole words 1, parts of compounds a half."""
        found: Terms = {}
        parts: list[str] = []
        for token in analysis.tokens(analysis.clean(text), self.language):
            if not any(ch.isdigit() for ch in token.term):
                found[token.term] = 1.0
                parts += token.parts
        return {**dict.fromkeys(parts, _PART_WEIGHT), **found}

    def likeness(self, one: Terms, other: Terms) -> float:
        """0 for nothing in common, 1 for the same words."""
        light, heavy = sorted((self._weight_of(one), self._weight_of(other)))
        if not light:
            return 0.0
        shared = sum(self._weight(term) * min(one[term], other[term]) for term in one.keys() & other.keys())
        return float(shared / (light ** (1 - _BALANCE) * heavy**_BALANCE))

    def _weight_of(self, terms: Terms) -> float:
        return sum(self._weight(term) for term, counts in terms.items() if counts == 1.0)

    def _weight(self, term: str) -> float:
        having = self._articles_with[term] + len(self._gaps_with.get(term, ()))
        return math.log((self._articles + len(self._gaps) + 1) / (having + 0.5))


class Clusters:
    """The gaps of one language with their questions, and where a new question belongs among them."""

    def __init__(self, language: str, visits: dict[str, frozenset[str]]) -> None:
        """`visits`: for the source of each piece of evidence, the visits in which it was asked."""
        gaps = ContentGap.objects.filter(language=language).exclude(status=ContentGap.Status.ANSWERED)
        rows = {gap: list(gap.evidence.all()) for gap in gaps.order_by("pk").prefetch_related("evidence")}
        self.wording = Wording(language)
        self._questions: dict[ContentGap, dict[str, Terms]] = {}
        self._visits: dict[ContentGap, set[str]] = {}
        for gap, evidence in rows.items():
            self.begin(gap)
            for one in evidence:
                self.add(gap, one.text, visits.get(one.source, frozenset()))

    def begin(self, gap: ContentGap) -> None:
        self._questions[gap] = {}
        self._visits[gap] = set()

    def add(self, gap: ContentGap, text: str, visits: frozenset[str]) -> None:
        if text not in self._questions[gap]:
            self._questions[gap][text] = self.wording.terms(text)
            self.wording.learn(gap.pk, self._questions[gap][text])
        self._visits[gap] |= visits

    def join(self, gap: ContentGap, other: ContentGap) -> None:
        """Treats the questions of two gaps as those of one."""
        self._questions[gap] |= self._questions.pop(other)
        self._visits[gap] |= self._visits.pop(other)
        for terms in self._questions[gap].values():
            self.wording.learn(gap.pk, terms)

    def nearest(self, text: str, visits: frozenset[str]) -> list[ContentGap]:
        """Where the question belongs: the nearest gap first, then others that the same visitor asked about.

        Empty where it is a new question.
        """
        terms = self.wording.terms(text)
        candidates = self.wording.gaps_with(terms)
        near = []
        for gap, questions in self._questions.items():
            if text not in questions and gap.pk not in candidates:
                continue
            likeness = 1.0 if text in questions else self._mean_likeness(terms, questions)
            is_one_visit = not visits.isdisjoint(self._visits[gap])
            if likeness >= (SAME_QUESTION_IN_ONE_VISIT if is_one_visit else SAME_QUESTION):
                near.append((likeness, is_one_visit, gap))
        near.sort(key=lambda row: (-row[0], row[2].pk))
        return [gap for place, (_, is_one_visit, gap) in enumerate(near) if place == 0 or is_one_visit]

    def _mean_likeness(self, terms: Terms, questions: dict[str, Terms]) -> float:
        return sum(self.wording.likeness(terms, other) for other in questions.values()) / max(len(questions), 1)
