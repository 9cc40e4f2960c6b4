"""Customers who log in, with a code sent to an address that a case of theirs came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from tickets.models import Customer, Identity

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User


def is_known_address(email: str) -> bool:
    """Whether a customer has this address. It decides whether a code is sent; whoever asks is never told."""
    return Identity.objects.filter(kind=Identity.Kind.EMAIL, value__iexact=email.strip()).exists()


def proven_addresses() -> QuerySet[Identity, str]:
    """The addresses that somebody has shown to be theirs."""
    return Identity.objects.filter(kind=Identity.Kind.EMAIL, is_verified=True).values_list("value", flat=True)


def confirm_address(email: str) -> None:
    """Somebody has shown that they read this address: from now on it opens its customer's cases to them."""
    Identity.objects.filter(kind=Identity.Kind.EMAIL, value__iexact=email.strip(), is_verified=False).update(
        is_verified=True
    )


def customer_of(user: User | AnonymousUser) -> Customer | None:
    """The customer who has logged in; None for staff and for an address that nobody has confirmed."""
    if not user.is_authenticated:
        return None
    return (
        Customer.objects.filter(
            identities__kind=Identity.Kind.EMAIL, identities__value__iexact=user.email, identities__is_verified=True
        )
        .order_by("pk")
        .first()
    )
