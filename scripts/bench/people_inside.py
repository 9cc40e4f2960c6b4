"""Runs within a process of the site: finding customers, and records that look like one person, without HTTP."""

from __future__ import annotations

import random
import time
from typing import Any

import django

django.setup()

from django.core.paginator import Paginator  # noqa: E402

from bench.printing import answer  # noqa: E402
from tickets.models import Company, Customer, Identity  # noqa: E402
from tickets.services.customer_search import find_customers, numbers_found  # noqa: E402
from tickets.services.duplicates import look_for_duplicates, open_pairs  # noqa: E402

_TIMES = 7
_PAGE = 25
_BATCH = 2000
_FIRST = [
    "Anna", "Karin", "Lars", "Johan", "Mette", "Søren", "Ingrid", "Ole", "Kim", "Eva", "Maria", "Erik", "Per", "Hanne",
    "Åsa", "Nils", "Olof", "Liv", "Jens", "Astrid",
]  # fmt: skip
_BEGIN = ["Berg", "Lind", "Ny", "Sand", "Ek", "Holm", "Dahl", "Strand", "Sten", "Hag"]
_END = ["ström", "man", "gren", "qvist", "berg", "vik", "by", "sson", "lund", "dal"]
_ENDING = ("", "a", "e", "i", "o")
_PHONE_EVERY = 3
_WORDS = ("", "berg", "anna lind", "kim.berg", "070-123", "company 77", "zzzz")


def make(count: int) -> dict[str, int]:
    """As many customers: names that many share, a company for three in ten, a phone for a third."""
    dice = random.Random(5)  # noqa: S311 (no secrets)
    companies = Company.objects.bulk_create(Company(name=f"Company {number}") for number in range(count // 50))
    people = Customer.objects.bulk_create(
        [
            Customer(
                name=f"{dice.choice(_FIRST)} {dice.choice(_BEGIN)}{dice.choice(_END)}{dice.choice(_ENDING)}",
                company=dice.choice(companies) if dice.random() < 0.3 else None,
                language="sv",
            )
            for _ in range(count)
        ],
        batch_size=_BATCH,
    )
    addresses = [_address(number, one, dice) for number, one in enumerate(people)]
    phones = [
        Identity(customer=one, kind="phone", value=f"+4670{dice.randrange(10**7):07d}")
        for one in people[::_PHONE_EVERY]
    ]
    Identity.objects.bulk_create([*addresses, *phones], batch_size=_BATCH, ignore_conflicts=True)
    return {"customers": Customer.objects.count(), "identities": Identity.objects.count()}


def _address(number: int, one: Customer, dice: random.Random) -> Identity:
    domain = f"company{one.company_id}.example" if one.company_id else dice.choice(("gmail.com", "telia.com"))
    return Identity(customer=one, kind="email", value=f"{one.name.lower().replace(' ', '.')}{number}@{domain}")


def find() -> dict[str, list[float]]:
    """Seconds of the first page with its count, by what is looked for."""
    return {words or "everybody": [_page(words) for _ in range(_TIMES)] for words in _WORDS}


def _page(words: str) -> float:
    started = time.perf_counter()
    numbers: Any = numbers_found(words) if words else Customer.objects.order_by("-pk").values_list("pk", flat=True)
    page = Paginator(numbers, _PAGE).get_page(1)
    list(find_customers("").filter(pk__in=list(page)))
    return time.perf_counter() - started


def look() -> dict[str, float]:
    """Seconds of looking through all records, the first time and again."""
    started = time.perf_counter()
    look_for_duplicates()
    again = time.perf_counter()
    look_for_duplicates()
    return {"first": again - started, "again": time.perf_counter() - again, "pairs": open_pairs().count()}


if __name__ == "__main__":
    answer({"make": make, "find": find, "look": look})
