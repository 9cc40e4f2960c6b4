"""Imports articles from a folder of Markdown files or a file of JSON lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from knowledge.importers.base import Reader
from knowledge.importers.jsonl import read_jsonl
from knowledge.importers.markdown import read_markdown
from knowledge.services.importing import import_articles

READERS: dict[str, Reader] = {"markdown": read_markdown, "jsonl": read_jsonl}


class Command(BaseCommand):
    help = "Imports articles. Rows that cannot be taken are listed with the reason; the others are imported."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--lang", required=True, choices=list(dict(settings.LANGUAGES)))
        parser.add_argument("--format", choices=list(READERS), help="default: by what the path is")
        parser.add_argument("--publish", action="store_true", help="publish what is imported, instead of drafts")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if not path.exists():
            raise CommandError(f"{path} does not exist.")
        format_name = options["format"] or ("jsonl" if path.suffix == ".jsonl" else "markdown")
        report = import_articles(
            READERS[format_name](path, options["lang"]),
            should_publish=options["publish"],
            is_dry_run=options["dry_run"],
        )
        for refused in report.refused:
            self.stderr.write(f"not taken: {refused.where}: {refused.reason}")
        for slug in report.new_topics:
            self.stdout.write(f"new topic: {slug}")
        would = "would be " if options["dry_run"] else ""
        self.stdout.write(
            f"{len(report.created)} {would}created, {len(report.updated)} {would}updated, "
            f"{report.unchanged} unchanged, {len(report.refused)} not taken"
        )
        if report.refused:
            raise CommandError(f"{len(report.refused)} of the rows could not be taken; see above.")
        if not report.taken:
            raise CommandError(f"Nothing to import was found in {path}.")
