"""The matcher of a process: which articles answer a written question, each with the probability that it does.

The worker learns the site in the background (`retrain`); each process reads what was learned last, and reads anew when
there is newer. Between a publication and the next training suggestions come from what was known before.
"""

from __future__ import annotations

import logging
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from celery import Task
from django.core.cache import cache
from django.db.models import Count, Max

from deflection.matching import artefact
from deflection.matching.cleaning import question_of
from deflection.matching.corpus import Document, site_documents
from deflection.matching.encoders import Encoder, current_encoder, vectors
from deflection.matching.language_of import language_of
from deflection.matching.meaning import Encode, Vectors
from deflection.matching.model import Model, Ranked, Synonyms
from deflection.matching.training import train
from deflection.models import Rejection
from deflection.services.rejections import rejected_texts
from knowledge.background import enqueue
from knowledge.models import ArticleTranslation, Phrasing
from knowledge.search.storage import IndexBusy
from knowledge.search.synonyms import other_words

logger = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 2
_ASK_AGAIN_SECONDS = 120

Match = Ranked


@dataclass(frozen=True)
class _Loaded:
    generation: Path
    model: Model | None


_lock = threading.Lock()
_loaded: _Loaded | None = None


def content_stamp() -> str:
    """Changes whenever a published text, a phrasing or a rejection does (the first two touch the text's time)."""
    texts = ArticleTranslation.objects.published().aggregate(count=Count("pk"), last=Max("updated_at"))
    phrasings = Phrasing.objects.active().count()
    removed = Rejection.objects.aggregate(count=Count("removed_at"), last=Max("removed_at"))
    rejections = Rejection.objects.active().aggregate(count=Count("pk"), last=Max("pk"))
    return " ".join(str(one) for one in (*texts.values(), phrasings, *rejections.values(), *removed.values()))


def current_matcher() -> Model | None:
    """What was learned last; None before the first training, or when what is there cannot be read."""
    global _loaded
    _ask_for_training()
    generation = artefact.store().current()
    if generation is None:
        return None
    loaded = _loaded
    if loaded is None or loaded.generation != generation:
        with _lock:
            loaded = _loaded
            if loaded is None or loaded.generation != generation:
                loaded = _loaded = _Loaded(generation, _load(generation))
    return loaded.model


def _load(generation: Path) -> Model | None:
    try:
        return artefact.load(generation)
    except artefact.Damaged as error:
        logger.error("What the matcher has learned cannot be read; it is learned anew. %s", error)
        enqueue(_task())
        return None


def match(text: str, language: str, *, subject: str = "") -> list[Match]:
    """Articles for a written question, best first, with probabilities; the caller applies the threshold."""
    model = current_matcher() if text.strip() or subject.strip() else None
    return [] if model is None else rank_question(model, text, language, subject=subject, same=other_words)


def rank_question(
    model: Model, text: str, language: str, *, subject: str = "", same: Synonyms | None = None
) -> list[Match]:
    """What `match` does, with a given model: from the text as it was written to ranked articles."""
    question = question_of(text, subject)
    if not question:
        return []
    encode = _encode_with(current_encoder(), model.encoder_name)
    return model.rank(question, language_of(question, language), encode, same)


def _encode_with(encoder: Encoder | None, name: str) -> Encode | None:
    """The encoder as the model wants it; None when it is another one than the model learned with."""
    if encoder is None or encoder.name != name:
        return None
    return lambda texts, kind: encoder.encode(texts, kind)  # type: ignore[arg-type]


def is_stale() -> bool:
    """Whether the knowledge base or the encoder is not what was learned from, or what was learned is damaged."""
    generation = artefact.store().current()
    encoder = current_encoder()
    if generation is None or artefact.stamp_of(generation) != (content_stamp(), encoder.name if encoder else ""):
        return True
    return not artefact.is_sound(generation)


def retrain() -> bool:
    """Learns the site anew where it has changed. False when there was nothing to do, or another is at it."""
    if not is_stale():
        return False
    store = artefact.store()
    try:
        with store.rebuilding(patience=0):
            stamp = content_stamp()
            artefact.save(learn(site_documents(rejected_texts()), current_encoder(), _known()), stamp)
    except IndexBusy:
        return False
    return True


def _known() -> Model | None:
    generation = artefact.store().current()
    try:
        return artefact.load(generation) if generation else None
    except artefact.Damaged:
        return None


def learn(documents: Sequence[Document], encoder: Encoder | None, before: Model | None = None) -> Model:
    """A model of the documents, with sentence vectors where there is an encoder."""
    if encoder is None:
        return train(documents, before=before)

    def encode(texts: Sequence[str], kind: str) -> Vectors:
        return vectors(texts, kind, encoder)  # type: ignore[arg-type]

    return train(documents, encode, encoder.name, before)


def _ask_for_training() -> None:
    """Queues a training where the site has changed; the beat would find out too, a little later."""
    if not cache.add("deflection:stamp-looked-at", 1, _LOOK_EVERY_SECONDS):
        return
    stamp = content_stamp()
    generation = artefact.store().current()
    is_known = generation is not None and artefact.stamp_of(generation)[0] == stamp
    if not is_known and cache.add(f"deflection:training-asked:{zlib.crc32(stamp.encode())}", 1, _ASK_AGAIN_SECONDS):
        enqueue(_task())


def _task() -> Task[..., bool]:
    # Imported late: tasks import the services that import this module.
    from deflection.tasks import train_matcher

    return train_matcher
