"""What every test may use. Tasks run at once, when the transaction that queued them is committed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache

from helpcenter.celery import app
from tests.environment import (  # noqa: F401 (pytest finds hooks by their names here)
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_unconfigure,
)


@pytest.fixture(autouse=True)
def _fresh(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test sees another's cache or index."""
    cache.clear()
    app.conf.task_always_eager = True
    app.conf.task_eager_propagates = True
    yield
    for connection in settings.HAYSTACK_CONNECTIONS.values():
        shutil.rmtree(connection["PATH"], ignore_errors=True)
    shutil.rmtree(settings.VAR_DIR / "matching", ignore_errors=True)


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """`with commit():` runs what was to happen once the transaction is in the database."""

    def run():
        return django_capture_on_commit_callbacks(execute=True)

    return run
