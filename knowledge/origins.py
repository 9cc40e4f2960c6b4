"""Whose visit a search belongs to, without knowing what a visit is.

A layer above sets `request.origin`; knowledge only ever sees an opaque string.
"""

from __future__ import annotations

from typing import Protocol

from django.http import HttpRequest


class Origin(Protocol):
    """What the layer above offers about the visit that a request belongs to."""

    is_measured: bool
    """False for visitors who asked not to be counted (Do Not Track, Global Privacy Control)."""

    def current(self) -> str:
        """The visit's opaque name, or "" where there is none yet."""

    def ensure(self) -> str:
        """The visit's opaque name; begins a visit where there is none yet."""


class NoOrigin:
    is_measured = True

    def current(self) -> str:
        return ""

    def ensure(self) -> str:
        return ""


def origin_of(request: HttpRequest) -> Origin:
    return getattr(request, "origin", None) or NoOrigin()
