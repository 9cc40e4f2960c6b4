"""`manage.py personal_data export|erase ADDRESS`: what is kept of a person, found by an address or a number."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from deflection.services import personal_data
from tickets.models import Customer


class Command(BaseCommand):
    help = "Hands out or erases all that is kept of a customer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["export", "erase"])
        parser.add_argument("customer", help="An e-mail address, a phone number as it is kept, or #NUMBER.")
        parser.add_argument("--to", type=Path, help="Where the archive is written (export).")
        parser.add_argument("--by", required=True, help="E-mail of the account in whose name it is done.")
        parser.add_argument("--notes", action="store_true", help="With what agents noted among themselves (export).")
        parser.add_argument("--yes", action="store_true", help="Without asking (erase).")

    def handle(self, *args: Any, **options: Any) -> None:
        customer = self._customer(options["customer"])
        by = get_user_model()._default_manager.filter(email__iexact=options["by"]).first()
        if by is None:
            raise CommandError(f"There is no account with the address {options['by']}.")
        if options["action"] == "export":
            if options["to"] is None:
                raise CommandError("Say where the archive is to be written: --to PATH.")
            archive = personal_data.export(customer, by=by, with_notes=options["notes"])
            with archive as content, options["to"].open("wb") as target:
                shutil.copyfileobj(content, target)
            self.stdout.write(f"Written to {options['to']}.")
            return
        if not options["yes"] and input(f"Erase everything about {customer}? It cannot be undone. [yes/no] ") != "yes":
            raise CommandError("Nothing was erased.")
        personal_data.erase(customer, by=by)
        self.stdout.write(f"Erased. What is left is counted as customer #{customer.pk}.")

    def _customer(self, named: str) -> Customer:
        found = Customer.objects.filter(identities__value__iexact=named.strip()).distinct()
        if named.startswith("#") and named[1:].isdecimal():
            found = Customer.objects.filter(pk=int(named[1:]))
        people = list(found[:2])
        if len(people) != 1:
            raise CommandError(f"{'Several customers are' if people else 'No customer is'} known by {named}.")
        return people[0]
