"""haystack's command by name, but atomic: searches go on in the old index until the new one is whole."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from knowledge.search.maintenance import rebuild


class Command(BaseCommand):
    help = "Builds the search index beside the live one, then swaps."

    def add_arguments(self, parser: CommandParser) -> None:
        # haystack's command asks before it destroys; this one destroys nothing, yet scripts may pass the flag.
        parser.add_argument("--noinput", "--no-input", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{rebuild()} texts indexed")
