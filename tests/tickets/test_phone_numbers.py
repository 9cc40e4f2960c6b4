"""Phone numbers: as people write them, as we keep them, as people read them; and whose they are."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.utils.translation import override

from tickets.errors import TicketError
from tickets.models import Channel, ChannelKind, Customer, Identity
from tickets.services.customers import customer_by_phone
from tickets.services.phone_numbers import ending, is_far_from, read_number, region_for, shown

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "typed", "kept"),
    [
        ("sv", "070-174 06 05", "+46701740605"),
        ("sv", " 0701740605 ", "+46701740605"),
        ("sv", "+46 (0)70 174 06 05", "+46701740605"),
        ("sv", "0046701740605", "+46701740605"),
        ("sv", "031-390 06 10", "+46313900610"),
        ("nb", "41 23 45 67", "+4741234567"),
        ("nb", "+46 70 174 06 05", "+46701740605"),
        ("da", "20 12 34 56", "+4520123456"),
        ("da", "tel. 20123456", "+4520123456"),
        ("en", "+44 20 7946 0958", "+442079460958"),
        ("sv", "+358 40 1234567", "+358401234567"),
        # Nobody has been given these yet, as far as the tables know; the whole number is believed.
        ("sv", "+45 12 34 56 78", "+4512345678"),
    ],
)
def test_a_number_as_it_is_written_in_its_country_or_from_abroad(language, typed, kept):
    with override(language):
        assert read_number(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "call me", "112", "12", "+", "070-1", "1" * 30, "+46 1", "9" * 400])
@pytest.mark.parametrize("language", ["en", "sv", "nb", "da"])
def test_what_is_no_number_is_refused_in_words(language, typed):
    with override(language), pytest.raises(TicketError) as refused:
        read_number(typed)
    assert str(refused.value)


def test_numbers_that_cost_a_fortune_are_not_called():
    with pytest.raises(TicketError, match="cannot call that kind"):
        read_number("0900-123 45 67", "SE")


def test_an_extension_is_told_in_words():
    with pytest.raises(TicketError, match="extension"):
        read_number("031-390 06 10 ext. 12", "SE")


def test_english_speakers_live_where_the_organisation_does():
    with pytest.raises(TicketError):
        read_number("031-390 06 10", region_for("en"))
    Channel.objects.create(kind=ChannelKind.PHONE, address="+46 31 390 06 10")
    cache.clear()
    assert read_number("070-174 06 05", region_for("en")) == "+46701740605"


def test_a_number_of_the_organisations_country_is_known_in_every_language():
    Channel.objects.create(kind=ChannelKind.PHONE, address="+46 31 390 06 10")
    assert read_number("070-174 06 05", region_for("da")) == "+46701740605"


def test_people_read_a_number_of_their_own_country_as_they_write_it():
    with override("sv"):
        assert shown("+46701740605") == "070-174 06 05"
        assert shown("+4741234567") == "+47 41 23 45 67"
    with override("nb"):
        assert shown("+46701740605") == "+46 70 174 06 05"
    assert shown("0701", "SE") == "0701"
    assert ending("+46701740605") == "05"


def test_where_clocks_may_differ():
    stockholm = ZoneInfo("Europe/Stockholm")
    assert not is_far_from("+46701740605", stockholm)
    assert is_far_from("+358401234567", stockholm)
    assert is_far_from("+18005550199", stockholm)


# Whose number it is


def person(kind: str, value: str, language: str = "sv", **fields: str) -> Customer:
    customer = Customer.objects.create(language=language, **fields)
    Identity.objects.create(customer=customer, kind=kind, value=value)
    return customer


@pytest.mark.parametrize(
    "kept",
    ["+46701740605", "46701740605", "0046701740605", "0701740605", "070-174 06 05", "+46 70 174 06 05", "701740605"],
)
def test_a_record_that_writes_the_number_otherwise_is_found(kept):
    known = person("phone", kept, name="Cleo Lind")
    assert customer_by_phone("070-174 06 05", "Somebody", "sv") == known
    known.refresh_from_db()
    assert known.name == "Cleo Lind"


def test_the_same_digits_in_another_country_are_somebody_else():
    norwegian = person("phone", "41234567", "nb")
    dane = customer_by_phone("+45 41 23 45 67", "", "da")
    assert dane != norwegian
    assert customer_by_phone("41 23 45 67", "", "nb") == norwegian


def test_a_new_number_is_a_new_customer_and_proves_nothing():
    customer = customer_by_phone("070-174 06 05", " Cleo\x00 Lind ", "sv")
    identity = customer.identities.get()
    assert (identity.kind, identity.value, identity.is_verified) == ("phone", "+46701740605", False)
    assert (customer.name, customer.language, customer.email) == ("Cleo Lind", "sv", "")
    assert customer_by_phone("+46701740605", "", "en") == customer
    assert Customer.objects.count() == 1


def test_a_name_that_was_not_known_is_added():
    known = person("phone", "+46701740605")
    assert customer_by_phone("+46701740605", "Cleo Lind", "sv") == known
    known.refresh_from_db()
    assert known.name == "Cleo Lind"
