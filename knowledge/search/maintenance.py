"""Keeping the index true to the database: single texts within seconds, all of it beside the live one."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from haystack import connections

from knowledge.models import ArticleTranslation
from knowledge.search.backend import LanguageBackend

_BATCH = 200


def _backend_and_index() -> tuple[LanguageBackend, object]:
    connection = connections["default"]
    return connection.get_backend(), connection.get_unified_index().get_index(ArticleTranslation)


def index_texts(ids: Iterable[int]) -> int:
    """Brings the index entries of these texts up to date; withdrawn ones leave the index. Safe to repeat."""
    backend, search_index = _backend_and_index()
    texts = list(
        ArticleTranslation.objects.filter(pk__in=list(ids))
        .select_related("article__topic")
        .prefetch_related("article__phrasings")
    )
    if not texts:
        return 0
    read_at = timezone.now()
    backend.update(search_index, texts)
    ArticleTranslation.objects.filter(pk__in=[text.pk for text in texts], updated_at__lte=read_at).update(
        indexed_at=read_at
    )
    return len(texts)


def index_pending() -> int:
    """Indexes what a lost job left behind: every text that changed after it was last indexed."""
    return index_texts(ArticleTranslation.objects.needs_indexing().values_list("pk", flat=True))


def rebuild() -> int:
    """Builds a new generation from the database while searches go on in the old one, then swaps.

    What was published meanwhile is indexed after the swap. Returns how many texts the index holds.
    """
    backend, search_index = _backend_and_index()
    started = timezone.now()
    generation = backend.store.new_generation()
    backend.open_for_writing(generation)
    count = 0
    texts = search_index.index_queryset().order_by("pk")  # type: ignore[attr-defined]
    for start in range(0, texts.count(), _BATCH):
        batch = list(texts[start : start + _BATCH])
        backend.write(search_index, batch)
        count += len(batch)
    backend.store.promote(generation)
    backend.store.prune()
    ArticleTranslation.objects.filter(updated_at__lt=started).update(indexed_at=started)
    index_pending()
    return count


def is_healthy() -> bool:
    """Whether the index can be searched now."""
    backend, _ = _backend_and_index()
    try:
        backend.rank(["svar"], "en", limit=1)
    except Exception:  # noqa: BLE001 - an unreadable index is the answer, whatever made it so
        return False
    return True
