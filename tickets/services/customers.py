"""Finding or making the customer behind an address, and keeping their record right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import Company, Customer, Identity
from tickets.services.phone_numbers import means, other_spellings, read_number, region_for

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

# Domains where everybody has an address: sharing one says nothing about whom somebody works for.
FREE_MAIL = frozenset(
    f"{name}.{end}"
    for name, ends in {
        "gmail": "com", "googlemail": "com", "outlook": "com se no dk", "hotmail": "com se no dk co.uk",
        "live": "com se no dk co.uk", "msn": "com", "yahoo": "com se no dk co.uk", "ymail": "com", "icloud": "com",
        "me": "com", "mac": "com", "aol": "com", "gmx": "com net", "proton": "me", "protonmail": "com", "pm": "me",
        "mail": "com dk", "telia": "com", "tele2": "se", "bredband": "net", "bredbandsbolaget": "se", "comhem": "se",
        "spray": "se", "passagen": "se", "bahnhof": "se", "online": "no", "broadpark": "no", "getmail": "no",
        "frisurf": "no", "lyse": "net", "altibox": "no", "jubii": "dk", "ofir": "dk", "stofanet": "dk",
        "tdcadsl": "dk", "youmail": "dk", "fastmail": "com", "zoho": "com", "hey": "com",
    }.items()
    for end in ends.split()
)  # fmt: skip
# Where a number without a country is from, by the language of whoever gave it.
_COUNTRY_CODES = {"sv": "46", "nb": "47", "da": "45"}
_PHONE_DIGITS = range(6, 16)
MAX_IDENTITIES = 30


def normalise_email(address: str) -> str:
    """An address as it is stored and compared. Raises TicketError for what cannot be an address."""
    address = clean(address).strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise TicketError(_("Write your whole e-mail address, such as name@example.com.")) from None
    return address


def normalise_phone(number: str, language: str = "") -> str:
    """A phone number as it is stored and compared: "+" and digits (E.164), or digits where the country is not known.

    Swedish numbers lose their first 0; Norwegian and Danish ones have 8 digits and no 0. Raises TicketError for what
    cannot be a number.
    """
    text = re.sub(r"\(0\)", "", clean(number).strip())
    digits = re.sub(r"\D", "", text)
    if re.search(r"[^\d\s()+./-]", text) or len(digits) not in _PHONE_DIGITS:
        raise TicketError(_("Write the whole phone number, such as +46 70 123 45 67."))
    if text.startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    code = _COUNTRY_CODES.get(language)
    if code == "46" and digits.startswith("0"):
        return f"+46{digits[1:]}"
    if code in ("47", "45") and len(digits) == 8:
        return f"+{code}{digits}"
    return digits


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
            customer = Customer.objects.create(name=name, language=language, company=company_of(address))
            Identity.objects.create(customer=customer, kind=Identity.Kind.EMAIL, value=address)
            return customer
    except IntegrityError:
        # Two first messages of one person arrived at the same moment; the other one was first.
        return Identity.objects.select_related("customer").get(kind=Identity.Kind.EMAIL, value=address).customer


@transaction.atomic
def customer_by_phone(number: str, name: str = "", language: str = "en") -> Customer:
    """The customer with this number, however their record writes it; a new one where there is none.

    The number is not verified by that: anybody can write anybody's. A name is kept once it is known. Raises
    TicketError for what cannot be a number.
    """
    number = read_number(number, region_for(language))
    name = clean(name).strip()[:120]
    customer = _known_by_phone(number) or _new_by_phone(number, name=name, language=language)
    if name and not customer.name:
        customer.name = name
        customer.save(update_fields=["name"])
    return customer


def _known_by_phone(number: str) -> Customer | None:
    """By the number itself before all other ways to write it; those count where their country makes it this one."""
    rows = Identity.objects.select_related("customer").filter(kind=Identity.Kind.PHONE)
    exact = rows.filter(value=number).first()
    if exact is not None:
        return exact.customer
    others = rows.filter(value__in=other_spellings(number)).order_by("pk")
    return next((one.customer for one in others if means(one.value, number, region_for(one.customer.language))), None)


def _new_by_phone(number: str, *, name: str, language: str) -> Customer:
    try:
        with transaction.atomic():
            customer = Customer.objects.create(name=name, language=language)
            Identity.objects.create(customer=customer, kind=Identity.Kind.PHONE, value=number)
            return customer
    except IntegrityError:
        # Two calls from one number at the same moment; the other one was first.
        return Identity.objects.select_related("customer").get(kind=Identity.Kind.PHONE, value=number).customer


def company_of(address: str) -> Company | None:
    """The company whose mail domain this is; none for the free mail services, whoever may have entered one."""
    domain = address.rpartition("@")[2].lower()
    if not domain or domain in FREE_MAIL:
        return None
    return Company.objects.filter(domain__iexact=domain).order_by("pk").first()


@transaction.atomic
def gather_customers(company: Company) -> int:
    """Gives a company the customers who write from its domain and have none yet; how many there were."""
    domain = company.domain.strip().lower().lstrip("@")
    if not domain or domain in FREE_MAIL:
        return 0
    writers = Identity.objects.filter(kind=Identity.Kind.EMAIL, value__endswith=f"@{domain}").values("customer")
    return Customer.objects.filter(company__isnull=True, pk__in=writers).update(company=company)


@transaction.atomic
def add_identity(customer: Customer, kind: str, value: str, *, by: User) -> Identity:
    """Adds an address, number or outside ID. Raises TicketError for what cannot be one, and for somebody else's."""
    value = _normalised(customer, kind, value)
    known = Identity.objects.select_related("customer").filter(kind=kind, value=value).first()
    if known is not None and known.customer_id != customer.pk:
        raise TicketError(
            _("%(value)s belongs to %(name)s. If they are one person, merge the two.")
            % {"value": value, "name": known.customer}
        )
    if known is not None:
        return known
    if customer.identities.count() >= MAX_IDENTITIES:
        raise TicketError(_("One person can have %(limit)s addresses and numbers at most.") % {"limit": MAX_IDENTITIES})
    made = Identity.objects.create(customer=customer, kind=kind, value=value)
    if customer.company is None and kind == Identity.Kind.EMAIL and (company := company_of(value)):
        customer.company = company
        customer.save(update_fields=["company"])
    _log(customer, by, f"+ {value}")
    return made


def _normalised(customer: Customer, kind: str, value: str) -> str:
    if kind == Identity.Kind.EMAIL:
        return normalise_email(value)
    if kind in (Identity.Kind.PHONE, Identity.Kind.WHATSAPP):
        return normalise_phone(value, customer.language)
    value = clean(value).strip()
    if kind != Identity.Kind.EXTERNAL or not value:
        raise TicketError(_("Write the address, number or ID."))
    if len(value) > 254:
        raise TicketError(_("That is too long for an ID: %(limit)s characters at most.") % {"limit": 254})
    return value


@transaction.atomic
def remove_identity(identity: Identity, *, by: User) -> None:
    """Takes an address away. Raises TicketError for the last one: the record would be nobody's."""
    customer = Customer.objects.select_for_update().get(pk=identity.customer_id)
    if customer.identities.count() <= 1:
        raise TicketError(_("It is the only way in which we know this person. Add another one first."))
    _log(customer, by, f"- {identity.value}")
    identity.delete()


@transaction.atomic
def set_verified(identity: Identity, is_verified: bool, *, by: User) -> None:
    """Notes that the address is theirs for certain: whoever logs in with it sees all cases of this customer."""
    if identity.is_verified != is_verified:
        identity.is_verified = is_verified
        identity.save(update_fields=["is_verified"])
        _log(identity.customer, by, f"{identity.value}: {'verified' if is_verified else 'not verified'}")


@transaction.atomic
def clear_bounce(identity: Identity, *, by: User) -> None:
    """The address works again, somebody says: letters go to it as before."""
    if identity.bounced_at is not None:
        identity.bounced_at, identity.bounce_reason, identity.bounce_is_passing = None, "", False
        identity.save(update_fields=["bounced_at", "bounce_reason", "bounce_is_passing"])
        _log(identity.customer, by, f"{identity.value}: works again")


@transaction.atomic
def change_customer(customer: Customer, values: dict[str, Any], *, by: User) -> bool:
    """Sets name, company, region, language or notes; False when all was so already. A new company is made."""
    customer = Customer.objects.select_for_update(of=("self",)).select_related("company").get(pk=customer.pk)
    if (company := values.get("company")) is not None and company.pk is None:
        values = values | {"company": Company.objects.get_or_create(name=company.name)[0]}
    allowed = {"name", "company", "region", "language", "notes"}
    changed = [key for key, value in values.items() if key in allowed and getattr(customer, key) != value]
    for key in changed:
        setattr(customer, key, values[key])
    if changed:
        customer.save(update_fields=changed)
        _log(customer, by, ", ".join(changed))
    return bool(changed)


def _log(customer: Customer, by: User, what: str) -> None:
    """Who changed a record is kept where the admin shows it."""
    people = Customer.objects.filter(pk=customer.pk)
    LogEntry.objects.log_actions(by.pk, people, CHANGE, change_message=what, single_object=True)
