"""Exports every article as Markdown with front matter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from knowledge.services.exporting import export_articles


class Command(BaseCommand):
    help = "Writes every article text to PATH/<language>/<key>.md; importing it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        count = export_articles(options["path"])
        self.stdout.write(f"{count} texts written to {options['path']}")
