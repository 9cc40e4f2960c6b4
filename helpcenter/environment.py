"""What the environment or `.env` says: texts, switches, numbers and choices, checked as they are read."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
env.read_env(os.environ.get("ENV_FILE") or Path(__file__).resolve().parent.parent / ".env")


def text(name: str, default: str = "") -> str:
    """What is set; an empty line in .env counts as nothing."""
    return str(env.str(name, default="")).strip() or default


def flag(name: str, default: bool) -> bool:
    """A switch. A misspelt one stops the start: it might have been the one that keeps cookies safe."""
    value = text(name).lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    if value:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to 1 or 0.")
    return default


def number(name: str, default: int, *, at_most: int | None = None) -> int:
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit()) or (at_most is not None and int(value) > at_most):
        limit = f" of at most {at_most}" if at_most is not None else ""
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to a whole number{limit}.")
    return int(value)


def one_of(name: str, default: str, choices: Collection[str]) -> str:
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}. Choose one of {', '.join(choices)}.")
    return value
