"""Brings cases in from another system: Zendesk, Zammad, a mailbox, a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from knowledge.search.analysis import clean
from tickets.importers.base import Reader, UnreadableImport
from tickets.importers.csv_table import read_csv
from tickets.importers.mailboxes import read_mbox
from tickets.importers.mapping import read_mapping
from tickets.importers.zammad import read_zammad
from tickets.importers.zendesk import read_zendesk
from tickets.services.case_import import ImportReport, import_cases

READERS: dict[str, Reader] = {"zendesk": read_zendesk, "zammad": read_zammad, "mbox": read_mbox, "csv": read_csv}


_SHOWN_CHARACTERS = 120


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


class Command(BaseCommand):
    help = (
        "Imports cases with all that was said in them. Nobody is written to. What cannot be taken is listed with the "
        "reason; running it again adds only what is new. docs/moving-in.md describes the formats and the mapping."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--from", dest="source", required=True, choices=list(READERS))
        parser.add_argument("--mapping", type=Path, help="a YAML file: what their words are called here")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if not path.exists():
            raise CommandError(f"{path} does not exist.")
        total = ImportReport()
        try:
            mapping = read_mapping(options["mapping"])
            cases = READERS[options["source"]](path, mapping)
            for report in import_cases(cases, source=options["source"], mapping=mapping, is_dry_run=options["dry_run"]):
                total.add(report)
                if options["verbosity"] > 1:
                    self.stdout.write(f"… {total.created} created, {total.messages} messages")
        except UnreadableImport as error:
            self._tell(total, options["dry_run"])
            raise CommandError(str(error)) from None
        self._tell(total, options["dry_run"])
        if not (total.created or total.extended or total.unchanged or total.left_out):
            raise CommandError(f"Nothing to import was found in {path}.")

    def _tell(self, total: ImportReport, is_dry_run: bool) -> None:
        for one in total.left_out:
            # A dump may hold what no terminal can write, or what would steer it.
            self.stdout.write(clean(f"left out: {_short(one.where)}: {one.reason}"))
        for section, words in sorted(total.unmapped.by_section.items()):
            told = ", ".join(f"{word} ({count})" for word, count in words.most_common())
            self.stdout.write(clean(f"not in the mapping, {section}: {told}"))
        would = "would be " if is_dry_run else ""
        self.stdout.write(
            f"{total.created} cases {would}created, {total.extended} {would}extended, {total.unchanged} unchanged; "
            f"{total.messages} messages and {total.files} files {would}imported; {len(total.left_out)} left out"
        )
