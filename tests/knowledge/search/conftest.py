"""What was queued, without running it."""

from __future__ import annotations

import pytest

from knowledge import background


@pytest.fixture
def jobs(monkeypatch) -> list[str]:
    """The names of the tasks that were queued; none of them is run."""
    queued: list[str] = []
    monkeypatch.setattr(background, "enqueue", lambda task, *args, **when: queued.append(task.name))
    return queued
