"""Prints how well suggestions do on a set of articles and questions, as one JSON object."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from deflection.matching.evaluation import EvaluationError, evaluate
from deflection.models import DEFAULT_THRESHOLD, current_threshold


class Command(BaseCommand):
    help = "Learns PATH/articles.jsonl apart from the site's content, asks PATH/queries.jsonl, prints the figures."
    # The site's database is asked for nothing but the threshold, so it may be empty or away.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH")
        parser.add_argument("--limit", type=int, help="ask only the first so many queries")
        parser.add_argument("--threshold", type=float, help="instead of the site's own")

    def handle(self, *args: Any, **options: Any) -> None:
        threshold = options["threshold"]
        if threshold is None:
            threshold = _site_threshold()
        try:
            found = evaluate(options["path"], threshold=threshold, limit=options["limit"])
        except EvaluationError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(found))


def _site_threshold() -> float:
    try:
        return current_threshold()
    except DatabaseError:
        return DEFAULT_THRESHOLD
