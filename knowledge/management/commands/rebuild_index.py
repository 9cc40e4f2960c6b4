"""haystack's command by name, but atomic: searches go on in the old index until the new one is whole."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from knowledge.search.maintenance import problem, rebuild
from knowledge.search.storage import IndexBusy

_PATIENCE_SECONDS = 3600.0


class Command(BaseCommand):
    help = "Builds the search index beside the live one, then swaps. Waits for a rebuild that is running."

    def add_arguments(self, parser: CommandParser) -> None:
        # haystack's command asks before it destroys; this one destroys nothing, yet scripts may pass the flag.
        parser.add_argument("--noinput", "--no-input", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        before = problem()
        started = time.monotonic()
        try:
            count = rebuild(patience=_PATIENCE_SECONDS)
        except IndexBusy as error:
            raise CommandError(f"Another rebuild does not end. {error}") from error
        was = f"Before: {before}" if before else "The index before it was searched until then."
        self.stdout.write(f"{count} texts indexed in {time.monotonic() - started:.1f} s. {was}")
