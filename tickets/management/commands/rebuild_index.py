"""The command of the articles' index, for the index of cases too: each is built beside the live one, then swapped."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandError, CommandParser

from knowledge.management.commands import rebuild_index
from knowledge.search.storage import IndexBusy
from tickets.search import upkeep
from tickets.search.backend import CONNECTION

_PATIENCE_SECONDS = 3600.0


class Command(rebuild_index.Command):
    help = "Builds the search indexes beside the live ones, then swaps. Waits for a rebuild that is running."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--using", choices=["default", CONNECTION], help="only articles (default), or only cases")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["using"] != CONNECTION:
            super().handle(*args, **options)
        if options["using"] != "default":
            self._rebuild_cases()

    def _rebuild_cases(self) -> None:
        started = time.monotonic()
        try:
            count = upkeep.rebuild(patience=_PATIENCE_SECONDS)
        except IndexBusy as error:
            raise CommandError(f"Another rebuild does not end. {error}") from error
        self.stdout.write(f"{count} cases indexed in {time.monotonic() - started:.1f} s.")
