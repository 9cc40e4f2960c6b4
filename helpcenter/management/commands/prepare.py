"""Makes the database and the index ready; for deployments that start web and worker on their own."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from helpcenter.preparation import prepare


class Command(BaseCommand):
    help = "Migrates, builds the search index where there is none, and with DEBUG=1 loads the demo. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        prepare(self.stdout.write)
