"""Runs the content-gap job now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from deflection.services.demand import find_gaps
from knowledge.models import ContentGap


class Command(BaseCommand):
    help = "Gathers searches without a result and cases that no article answered into content gaps."

    def handle(self, *args: Any, **options: Any) -> None:
        new = find_gaps()
        self.stdout.write(f"{new} new questions; {ContentGap.objects.waiting().count()} gaps are waiting")
