"""Models that are only read, made once, and the trainings that were asked for."""

from __future__ import annotations

import pytest

from deflection.matching import matcher
from deflection.matching.model import Model
from deflection.matching.training import train
from tests.deflection.matching.sites import ConceptEncoder, shop


@pytest.fixture(scope="session")
def shop_model() -> Model:
    return train(shop())


@pytest.fixture(scope="session")
def bare_model() -> Model:
    """The same articles on a site without phrasings."""
    return train(shop(with_phrasings=False))


@pytest.fixture(scope="session")
def encoded_model() -> Model:
    """The shop again, with sentence vectors."""
    return train(shop(), ConceptEncoder().encode, ConceptEncoder.name)


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that the matcher queued; none is run."""
    queued: list[str] = []
    monkeypatch.setattr(matcher, "enqueue", lambda task, *args, **when: queued.append(task.name))
    return queued
