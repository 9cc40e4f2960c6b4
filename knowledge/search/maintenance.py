"""Keeping the index true to the database: single texts within seconds, all of it beside the live one.

The database says what is to be done: a text is pending while `indexed_at`, the state of the text that the index
holds, is older than `updated_at`. So nothing is lost with a job, a lock or a worker.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from haystack import connections
from haystack.utils import get_model_ct

from knowledge.models import ArticleTranslation
from knowledge.search import analysis, vocabulary, writing
from knowledge.search.storage import IndexBusy

if TYPE_CHECKING:
    from knowledge.models.articles import ArticleTranslationQuerySet
    from knowledge.search.backend import LanguageBackend
    from knowledge.search.storage import IndexStore

logger = logging.getLogger(__name__)

# Texts in one commit: large enough to be quick, small enough that the next text does not wait for long.
_BATCH = 100
# From so many pending texts on, and from this share of all, a new index is quicker than changing the old one.
_MANY, _MANY_OF_ALL = 500, 0.25
_PATIENCE_SECONDS = 3.0
# The last step of a rebuild is worth waiting for.
_PATIENCE_AT_THE_SWAP_SECONDS = 60.0
# A rebuild that was to mend a search and did not is not tried again at once.
_REPAIR_AGAIN_AFTER_SECONDS = 600.0
# How long processes of two versions may run side by side.
_SETTLING_SECONDS = 300.0

# What the index is to hold, or holds: texts by id, and the `updated_at` of the state that was read.
Stamps = dict[int, datetime]


def index_texts(ids: Iterable[int]) -> int:
    """Brings the entries of these texts and of the other languages of their articles up to date, in one commit.

    Withdrawn ones leave the index. Safe to repeat. Returns how many texts were looked at; raises IndexBusy.
    """
    wanted = list(ids)
    store = _store()
    with store.writing(_PATIENCE_SECONDS):
        generation = store.current()
        if generation is not None:
            stamps = _bring_up_to_date(generation, wanted)
            _mark(stamps)
            return len(stamps)
    return _mend(patience=_PATIENCE_SECONDS)


def index_pending() -> int:
    """Indexes every text that changed after it was last indexed, the latest first. Raises IndexBusy.

    Looks again after each commit, so that a text published during a long import does not wait for its end.
    """
    waiting = ArticleTranslation.objects.needs_indexing().count()
    if waiting >= max(_MANY, _MANY_OF_ALL * _not_new().count()):
        rebuild()
        return waiting
    count = 0
    pending = ArticleTranslation.objects.needs_indexing().order_by("-updated_at").values_list("pk", flat=True)
    while batch := list(pending[:_BATCH]):
        count += index_texts(batch)
    return count


def sweep() -> int:
    """What the beat does: mends a broken index, and indexes what a lost job left behind. Raises IndexBusy."""
    return _mend(patience=0) if problem() else index_pending()


def repair() -> int:
    """Builds the index anew for a search that could not use it. Raises IndexBusy while somebody does so already.

    Where that was done a moment ago and the index opens, the fault is elsewhere, and it is left alone.
    """
    if not problem() and _store().age() < _REPAIR_AGAIN_AFTER_SECONDS:
        return 0
    return _mend(patience=0)


def rebuild(*, patience: float = 60.0) -> int:
    """Builds a new generation from the database while searches and writes go on in the old one, then swaps.

    What changed meanwhile is brought along before the swap. Returns how many texts the index holds; raises
    IndexBusy when another rebuild goes on for longer than `patience` seconds.
    """
    store = _store()
    with store.rebuilding(patience):
        store.prune()
        generation = store.new_generation()
        started, before = timezone.now(), _stamps()
        for language, words in _words_of(ArticleTranslation.objects.published()).items():
            vocabulary.replace(language, words)
        _fill(generation, started)
        with store.writing(_PATIENCE_AT_THE_SWAP_SECONDS):
            stamps = _stamps()
            changed = {pk for pk in before.keys() | stamps.keys() if before.get(pk) != stamps.get(pk)}
            stamps |= _bring_up_to_date(generation, changed)
            store.promote(generation)
            count = writing.count(generation)
        store.prune()
    _mark(stamps)
    return count


def _mend(*, patience: float) -> int:
    """Rebuilds an index that this process cannot use, unless a newer version of Svar has just built it.

    During an upgrade processes of both versions run for a moment; they must not build in turns.
    """
    store = _store()
    if store.is_foreign() and store.age() < _SETTLING_SECONDS:
        raise IndexBusy("Another version has built the index a moment ago.")
    logger.error("The search index is built anew. %s", problem() or "A search could not use it.")
    return rebuild(patience=patience)


def problem() -> str:
    """Why the index cannot be searched, in a sentence for operators; empty when it can."""
    store = _store()
    generation = store.current()
    if generation is None:
        return store.why_unusable()
    try:
        writing.check(generation)
    except Exception as error:  # noqa: BLE001 - a torn file shows itself as whichever error its bytes cause
        if store.current() != generation:
            return problem()
        logger.info("The index in %s cannot be opened: %s", generation, error)
        return f"The index is damaged ({type(error).__name__})."
    return ""


def _backend() -> LanguageBackend:
    backend: LanguageBackend = connections["default"].get_backend()
    return backend


def _store() -> IndexStore:
    return _backend().store


def _search_index() -> Any:
    return connections["default"].get_unified_index().get_index(ArticleTranslation)


def _stamps() -> Stamps:
    """The state of every text that is or was public."""
    return dict(_not_new().values_list("pk", "updated_at"))


def _not_new() -> ArticleTranslationQuerySet:
    return ArticleTranslation.objects.exclude(status=ArticleTranslation.Status.DRAFT, indexed_at__isnull=True)


def _bring_up_to_date(generation: Path, ids: Collection[int]) -> Stamps:
    """Writes these texts and the others of their articles as they are now; returns the states that were read."""
    if not ids:
        return {}
    # Read before the texts: a state may be noted as older than it is and done again, never the other way round.
    stamps: Stamps = dict(_not_new().filter(article__translations__in=ids).values_list("pk", "updated_at"))
    search_index = _search_index()
    model = get_model_ct(ArticleTranslation)
    documents: dict[str, dict[str, Any] | None] = {f"{model}.{pk}": None for pk in stamps.keys() | set(ids)}
    documents |= writing.documents_of(search_index, search_index.index_queryset().filter(pk__in=list(stamps)))
    writing.write(generation, documents)
    # After the texts: new words change how later ones are split, never how these are found.
    for language, words in _words_of(ArticleTranslation.objects.published().filter(pk__in=list(stamps))).items():
        vocabulary.remember(language, words.elements())
    return stamps


def _words_of(texts: ArticleTranslationQuerySet) -> dict[str, Counter[str]]:
    """The words of texts by language, with how often each stands there."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for language, *parts in texts.values_list("language", "title", "summary", "body").iterator():
        for part in parts:
            found[language].update(analysis.words(part))
    return dict(found)


def _fill(generation: Path, started: datetime) -> None:
    """All public texts in one segment. Between batches the live index gets what was published meanwhile."""
    search_index = _search_index()
    with writing.open_writer(generation) as writer:
        for texts in _batches(search_index.index_queryset().order_by("pk")):
            writing.put(writer, writing.documents_of(search_index, texts), is_fresh=True)
            _serve_the_live_index(started)


def _batches(texts: Any) -> Iterator[list[ArticleTranslation]]:
    last = 0
    while batch := list(texts.filter(pk__gt=last)[:_BATCH]):
        last = batch[-1].pk
        yield batch


def _serve_the_live_index(since: datetime) -> None:
    """A rebuild may take minutes in the one process that indexes; what is published meanwhile shall not wait."""
    pending = ArticleTranslation.objects.needs_indexing().filter(updated_at__gte=since).order_by("-updated_at")
    ids = list(pending.values_list("pk", flat=True)[:_BATCH])
    if not ids or problem():
        return
    try:
        index_texts(ids)
    except IndexBusy:
        logger.debug("Somebody else serves the live index.")


def _mark(stamps: Stamps) -> None:
    """Notes which state of each text the index holds: the one that was read, so what came later stays pending."""
    rows = [ArticleTranslation(pk=pk, indexed_at=stamp) for pk, stamp in stamps.items()]
    ArticleTranslation.objects.bulk_update(rows, ["indexed_at"], batch_size=200)
