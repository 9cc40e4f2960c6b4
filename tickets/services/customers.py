"""Finding or making the customer behind an address."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import Customer, Identity


def normalise_email(address: str) -> str:
    """An address as it is stored and compared. Raises TicketError for what cannot be an address."""
    address = clean(address).strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise TicketError(_("Write your whole e-mail address, such as name@example.com.")) from None
    return address


@transaction.atomic
def customer_by_email(address: str, *, name: str = "", language: str = "en") -> Customer:
    """The customer with this address; a new one where there is none. A name is kept once it is known."""
    address = normalise_email(address)
    name = clean(name).strip()[:120]
    customer = _known(address) or _new(address, name=name, language=language)
    if name and not customer.name:
        customer.name = name
        customer.save(update_fields=["name"])
    return customer


def _known(address: str) -> Customer | None:
    identity = Identity.objects.select_related("customer").filter(kind=Identity.Kind.EMAIL, value=address).first()
    return identity.customer if identity else None


def _new(address: str, *, name: str, language: str) -> Customer:
    try:
        with transaction.atomic():
            customer = Customer.objects.create(name=name, language=language)
            Identity.objects.create(customer=customer, kind=Identity.Kind.EMAIL, value=address)
            return customer
    except IntegrityError:
        # Two first messages of one person arrived at the same moment; the other one was first.
        return Identity.objects.select_related("customer").get(kind=Identity.Kind.EMAIL, value=address).customer
