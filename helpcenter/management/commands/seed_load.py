"""Makes a realistic large data set for benchmarks."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from helpcenter.load.articles import make_articles
from helpcenter.load.cases import make_cases


class Command(BaseCommand):
    help = "Adds made-up articles and cases in four languages, for measuring. Nobody is written to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tickets", type=int, default=0, help="how many cases")
        parser.add_argument("--articles", type=int, default=0, help="how many articles")
        parser.add_argument("--days", type=int, default=365, help="over how many days the cases came in")
        parser.add_argument("--seed", type=int, default=1, help="another number makes other texts")
        parser.add_argument("--yes", action="store_true", help="also where real customers are served")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO and not options["yes"]:
            raise CommandError("This fills the database with made-up cases. With DEBUG=0 it wants --yes.")
        if min(options["tickets"], options["articles"]) < 0 or options["days"] < 1:
            raise CommandError("Numbers of cases and articles cannot be negative, and there is at least one day.")
        started = time.monotonic()
        if options["articles"]:
            make_articles(options["articles"], seed=options["seed"])
        if options["tickets"]:
            make_cases(options["tickets"], options["days"], seed=options["seed"])
        seconds = time.monotonic() - started
        self.stdout.write(f"{options['tickets']} cases and {options['articles']} articles in {seconds:.1f} s")
