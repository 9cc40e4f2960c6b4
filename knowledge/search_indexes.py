"""What of an article text goes into the search index (haystack finds this module by its name)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from django.db.models import Prefetch, QuerySet
from haystack import indexes
from haystack.exceptions import SkipDocument

from knowledge.models import ArticleTranslation
from knowledge.search import analysis, schema
from knowledge.search.analysis import Token
from knowledge.search.highlight import Block, block_of, keys_of, sentences_of
from knowledge.search.languages import LANGUAGES, preferred

_PREFIXED_PARTS = ("title", "phrasings", "headings")
Counts = dict[str, list[int]]


class ArticleTranslationIndex(indexes.SearchIndex, indexes.Indexable):
    text = indexes.CharField(document=True)

    def get_model(self) -> type[ArticleTranslation]:
        return ArticleTranslation

    def index_queryset(self, using: str | None = None) -> Any:
        return with_all_that_is_indexed(ArticleTranslation.objects.published())

    def get_updated_field(self) -> str:
        return "updated_at"

    def full_prepare(self, obj: ArticleTranslation) -> dict[str, Any]:
        """The document, analysed. Raises SkipDocument for a text that customers cannot read."""
        if not obj.is_public():
            raise SkipDocument
        document: dict[str, Any] = {"id": "", "django_ct": "", "django_id": ""} | self.prepare(obj)
        blocks, tokens = _analysed(obj)
        document |= _counted(tokens, obj.language)
        document[schema.field(schema.PREFIX, obj.language)] = _prefixes(obj)
        words = {token.word for found in tokens.values() for token in found}
        document[schema.words_field(obj.language)] = " ".join(sorted(words))
        document["topic"] = obj.article.topic.slug.encode() if obj.article.topic else None
        document["blocks"] = [block.stored for block in blocks]
        document["record"] = _record(obj, [len(tokens[part]) for part in schema.PARTS])
        return document


def with_all_that_is_indexed(texts: QuerySet[ArticleTranslation]) -> QuerySet[ArticleTranslation]:
    """The texts with what `full_prepare` reads of each, so that preparing many costs no query a text."""
    siblings = ArticleTranslation.objects.only("article", "language", "status", "published_at")
    return texts.select_related("article__topic").prefetch_related(
        "article__phrasings", Prefetch("article__translations", siblings)
    )


def _analysed(text: ArticleTranslation) -> tuple[list[Block], dict[str, list[Token]]]:
    """The blocks that passages are cut from, and the words of each part."""
    language = text.language
    tokens: dict[str, list[Token]] = {
        "title": list(analysis.tokens(text.title, language)),
        "phrasings": list(analysis.tokens(_phrasings(text), language)),
        "headings": [],
        "summary": list(analysis.tokens(text.summary, language)),
        "body": [],
    }
    blocks = [block_of(text.summary, language)]
    for section in text.rendered.sections:
        heading = list(analysis.tokens(section.title, language))
        sentences = list(sentences_of(section.text, language))
        keys = tuple((sentence, keys_of(found)) for sentence, found in sentences)
        blocks.append(Block(section.anchor, section.title, keys_of(heading), keys))
        tokens["headings"] += heading
        for _, found in sentences:
            tokens["body"] += found
    return blocks, tokens


def _phrasings(text: ArticleTranslation) -> str:
    return "\n".join(one.text for one in text.article.phrasings.all() if one.language == text.language)


def _counted(tokens: dict[str, list[Token]], language: str) -> dict[str, Counts]:
    """How often each term stands in each part, by the way in which it can match."""
    exact: Counts = {}
    inside: Counts = {}
    for place, part in enumerate(schema.PARTS):
        for token in tokens[part]:
            _count(exact, (token.term,), place)
            _count(inside, token.parts, place)
    folded: Counts = {}
    for term, counts in exact.items():
        if (plain := analysis.fold(term)) != term:
            known = folded.get(plain, [0] * len(schema.PARTS))
            folded[plain] = [one + other for one, other in zip(known, counts, strict=True)]
    by_kind = {schema.EXACT: exact, schema.INSIDE: inside, schema.FOLDED: folded}
    return {schema.field(kind, language): counts for kind, counts in by_kind.items()}


def _count(counts: Counts, terms: Iterable[str], place: int) -> None:
    for term in terms:
        counts.setdefault(term, [0] * len(schema.PARTS))[place] += 1


def _prefixes(text: ArticleTranslation) -> Counts:
    counts: Counts = {}
    said = {"title": text.title, "phrasings": _phrasings(text), "headings": " ".join(text.rendered.headings)}
    for part in _PREFIXED_PARTS:
        _count(counts, analysis.prefixes(said[part]), schema.PARTS.index(part))
    return counts


def _record(text: ArticleTranslation, lengths: list[int]) -> bytes:
    record = np.zeros((), schema.RECORD)
    record["text_id"] = text.pk
    record["shown_to"] = sum(schema.language_bit(code) for code in _readers(text))
    record["edited_at"] = max(0, int(text.edited_at.timestamp() * 1e6)) if text.edited_at else 0
    record["language"] = schema.language_code(text.language)
    record["lengths"] = np.minimum(lengths, np.iinfo(np.uint16).max)
    return record.tobytes()


def _readers(text: ArticleTranslation) -> list[str]:
    """The languages whose readers get this text: their own, and those for which no nearer text is published."""
    published = {one.language for one in text.article.translations.all() if one.is_public()} | {text.language}
    return [
        reader for reader in LANGUAGES if next(code for code in preferred(reader) if code in published) == text.language
    ]
