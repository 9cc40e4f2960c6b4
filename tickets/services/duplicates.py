"""Records that look like one person.

All records are read once and sorted under keys that two records of one person share; whoever shares a key is compared
with the first under it only. So the work grows with the number of records, never with its square: 100,000 customers
take seconds (docs/benchmarks.md). The result is kept in rows, which pages read.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.errors import TicketError
from tickets.models import Customer, Identity, PossibleDuplicate
from tickets.services.customers import FREE_MAIL, normalise_phone

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_BATCH = 1000
# Who shares a key with more than this many others shares something that says nothing: a switchboard, a test address.
_MOST_UNDER_ONE_KEY = 50
_PHONE_KINDS = (Identity.Kind.PHONE, Identity.Kind.WHATSAPP)
_GMAIL = ("gmail.com", "googlemail.com")


class Reason(models.TextChoices):
    """Why two records look alike, strongest first."""

    SAME_MAIL = "same_mail", _("The same mailbox, written in two ways")
    SAME_PHONE = "same_phone", _("The same phone number")
    NAME_AND_COMPANY = "name_company", _("The same name and company")
    NAME_AND_DOMAIN = "name_domain", _("The same name and mail domain")
    NAME_AND_MAIL = "name_mail", _("The same name and much the same address")


_ORDER = {reason.value: place for place, reason in enumerate(Reason)}


def look_for_duplicates() -> int:
    """Reads every record and writes down which look like one person; how many pairs stand open afterwards.

    Pairs that no longer look alike are taken away; those that somebody said are two people stay so.
    """
    found = _pairs(_keys())
    now = timezone.now()
    with transaction.atomic():
        known = {(one.first_id, one.second_id): one for one in PossibleDuplicate.objects.select_for_update()}
        gone = [one.pk for pair, one in known.items() if pair not in found and one.dismissed_at is None]
        for batch in _batches(gone):
            PossibleDuplicate.objects.filter(pk__in=batch).delete()
        changed = [one for pair, one in known.items() if pair in found and one.reasons != found[pair]]
        for one in changed:
            one.reasons = found[(one.first_id, one.second_id)]
        PossibleDuplicate.objects.bulk_update(changed, ["reasons"], batch_size=_BATCH)
        new = [
            PossibleDuplicate(first_id=pair[0], second_id=pair[1], reasons=reasons, found_at=now)
            for pair, reasons in found.items()
            if pair not in known
        ]
        PossibleDuplicate.objects.bulk_create(new, batch_size=_BATCH, ignore_conflicts=True)
    return open_pairs().count()


def _batches(keys: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]


def _keys() -> dict[tuple[str, ...], list[int]]:
    """Which records stand under each key; a key begins with the reason that it is."""
    people = {pk: (name_key(name), company) for pk, name, company in _people()}
    languages = dict(Customer.objects.values_list("pk", "language"))
    under: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for pk, (name, company) in people.items():
        if name and company:
            under[Reason.NAME_AND_COMPANY, name, str(company)].append(pk)
    identities = Identity.objects.order_by("pk").values_list("customer", "kind", "value")
    for pk, kind, value in identities.iterator(chunk_size=_BATCH):
        for key in _keys_of_identity(kind, value, people.get(pk, ("", None))[0], languages.get(pk, "")):
            if not under[key] or under[key][-1] != pk:
                under[key].append(pk)
    return under


def _people() -> Iterable[tuple[int, str, int | None]]:
    return Customer.objects.order_by("pk").values_list("pk", "name", "company").iterator(chunk_size=_BATCH)


def _keys_of_identity(kind: str, value: str, name: str, language: str) -> Iterator[tuple[str, ...]]:
    if kind in _PHONE_KINDS:
        if number := phone_key(value, language):
            yield Reason.SAME_PHONE, number
    elif kind == Identity.Kind.EMAIL:
        yield Reason.SAME_MAIL, mail_key(value)
        local, _at, domain = value.lower().rpartition("@")
        if name and domain not in FREE_MAIL:
            yield Reason.NAME_AND_DOMAIN, name, domain
        # With its digits: of two people called Anna Berg, one has anna.berg12 and the other anna.berg77.
        letters = re.sub(r"[^\w]|_", "", local.split("+")[0])
        if name and len(letters) > 3:
            yield Reason.NAME_AND_MAIL, name, letters


def _pairs(under: dict[tuple[str, ...], list[int]]) -> dict[tuple[int, int], list[str]]:
    """Each pair with its reasons. Under one key all are paired with the first: merging one by one joins them all."""
    reasons: dict[tuple[int, int], set[str]] = defaultdict(set)
    for key, people in under.items():
        unique = sorted(set(people))
        if 1 < len(unique) <= _MOST_UNDER_ONE_KEY:
            for other in unique[1:]:
                reasons[unique[0], other].add(str(key[0]))
    return {pair: sorted(found, key=_ORDER.__getitem__) for pair, found in reasons.items()}


def name_key(name: str) -> str:
    """A name as it is compared: at least two words, folded to plain letters, in any order ("Lind, Cleo")."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ø", "o").replace("æ", "ae"))
    words = re.findall(r"[^\W\d_]+", "".join(ch for ch in plain if not unicodedata.combining(ch)))
    return " ".join(sorted(words)) if len(words) > 1 else ""


def mail_key(address: str) -> str:
    """The mailbox that an address leads to: case, what follows a plus sign, and Gmail's dots make no difference."""
    local, _at, domain = address.strip().lower().rpartition("@")
    local = local.split("+")[0]
    if domain in _GMAIL:
        local, domain = local.replace(".", ""), _GMAIL[0]
    return f"{local}@{domain}"


def phone_key(number: str, language: str) -> str:
    """The last eight digits of a number, which all its notations share; "" for what is no number."""
    try:
        digits = normalise_phone(number, language).lstrip("+")
    except TicketError:
        return ""
    return digits[-8:] if len(digits) > 7 else ""


def open_pairs() -> QuerySet[PossibleDuplicate]:
    """Pairs that nobody has decided about, with both records and their addresses."""
    rows = PossibleDuplicate.objects.filter(dismissed_at__isnull=True).select_related(
        "first__company", "second__company"
    )
    return rows.prefetch_related("first__identities", "second__identities")


def lookalikes(customer: Customer) -> list[tuple[Customer, list[str]]]:
    """The records that look like this person, each with the reasons in the reader's words."""
    rows = open_pairs().filter(Q(first=customer) | Q(second=customer))
    return [(one.second if one.first_id == customer.pk else one.first, reasons_in_words(one)) for one in rows]


def reasons_in_words(pair: PossibleDuplicate) -> list[str]:
    return [str(Reason(one).label) for one in pair.reasons if one in Reason.values]


def not_the_same(one: Customer, other: Customer, *, by: User) -> None:
    """Somebody who knows says that the two are two people: they are not offered again."""
    PossibleDuplicate.objects.update_or_create(
        first_id=min(one.pk, other.pk),
        second_id=max(one.pk, other.pk),
        defaults={"dismissed_at": timezone.now(), "dismissed_by": by},
    )
