"""Loads the demo content and accounts; running it again changes nothing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpcenter.demo.loading import DemoError, load_demo
from helpcenter.demo.people import ACCOUNTS


class Command(BaseCommand):
    help = "Loads the demo shop: topics, articles, cases and visits of four weeks, and with DEBUG=1 its accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_demo()
        except DemoError as error:
            raise CommandError(str(error)) from error
        if loaded.is_new:
            self.stdout.write(
                f"The demo is loaded: {loaded.articles} articles, {loaded.cases} cases, {loaded.gaps} content gaps."
            )
        else:
            self.stdout.write("The site has its content already; nothing was changed.")
        if not settings.DEMO:
            self.stdout.write("No demo accounts were made: their passwords are public, so they need DEBUG=1.")
            return
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.email} / {account.password}")
