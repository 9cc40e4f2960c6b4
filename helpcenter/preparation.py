"""What must be true before Svar serves: the database has today's shape, the demo is in, the index is there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from helpcenter.processes import claim

# Any number will do, as long as nothing else in the same database uses it.
_ADVISORY_LOCK = 0x53766172
# An indexer that is running already may be at it.
_REBUILD_PATIENCE_SECONDS = 3600.0


def prepare(say: Callable[[str], None]) -> None:
    """Migrates, loads the demo with DEBUG, makes what is missing: word lists, index (also a broken one), matcher.

    Safe to run twice, and at the same time.
    """
    with _one_at_a_time():
        _migrate(say)
        _make_word_files(say)
        if settings.DEMO:
            _load_demo(say)
        _build_index(say)
        _learn(say)
    _warn(say)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two that start together must not migrate together, on one machine or on several."""
    descriptor = claim(settings.VAR_DIR / "prepare.lock", wait=True)
    on_server = connection.vendor == "postgresql"
    try:
        if on_server:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_LOCK])
        yield
    finally:
        if on_server:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_ADVISORY_LOCK])
        if descriptor is not None:
            os.close(descriptor)


def _migrate(say: Callable[[str], None]) -> None:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        say(f"Bringing the database up to date ({len(plan)} steps) ...")
        call_command("migrate", verbosity=0, interactive=False)


def _load_demo(say: Callable[[str], None]) -> None:
    from helpcenter.demo.loading import DemoError, load_demo
    from knowledge.models import Organisation

    if not Organisation.objects.exists():
        say("Loading the demo shop ...")
    try:
        load_demo()
    except DemoError as error:
        say(f"No demo: {error}")


def _build_index(say: Callable[[str], None]) -> None:
    from knowledge.search import maintenance
    from tickets.search import upkeep

    if reason := maintenance.problem():
        say(f"Building the search index ... {reason}")
        maintenance.rebuild(patience=_REBUILD_PATIENCE_SECONDS)
    if reason := upkeep.problem():
        say(f"Building the index of cases ... {reason}")
        upkeep.rebuild(patience=_REBUILD_PATIENCE_SECONDS)


def _make_word_files(say: Callable[[str], None]) -> None:
    """Word lists and the encoder's files take some seconds to make, once: no customer waits for them."""
    from deflection.matching.encoders import current_encoder
    from knowledge.search import analysis, word_files

    if not word_files.are_there():
        say("Making word lists of four languages ...")
    analysis.prepare()
    current_encoder()


def _learn(say: Callable[[str], None]) -> None:
    from deflection.matching import artefact, matcher

    if artefact.store().current() is None:
        say("Learning how customers ask ...")
        matcher.retrain()


def _warn(say: Callable[[str], None]) -> None:
    if not settings.DEMO and settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        say(f"EMAIL_URL is not set: letters are written into {settings.EMAIL_FILE_PATH} and reach nobody.")
