"""What others have to say before a topic is moved: a package above registers its check, unknown to knowledge."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knowledge.models import Topic

Check = Callable[["Topic"], None]
_checks: list[Check] = []


def register(check: Check) -> None:
    """Adds a check that raises ValidationError where a topic must not be as it is to be saved."""
    if check not in _checks:
        _checks.append(check)


def run_checks(topic: Topic) -> None:
    for check in _checks:
        check(topic)
