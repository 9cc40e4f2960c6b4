"""Phone numbers: read as people write them, kept as E.164, shown as people of that country write them.

What counts as a number is Google's libphonenumber, whose tables know each country's plan (`phonenumbers`).
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import phonenumbers
from django.core.cache import cache
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType
from phonenumbers.timezone import time_zones_for_number

from knowledge.models import Organisation
from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import Channel, ChannelKind

# Where a number without a country is from, by the language of whoever gave it. English is spoken anywhere.
_REGIONS = {"sv": "SE", "nb": "NO", "da": "DK"}
# Calling them costs so much that people have others call them for a living.
_COSTLY = (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
_LONGEST_INPUT = 60
_HOME_KEY, _HOME_SECONDS = "tickets.home-region", 60
_UNKNOWN_ZONE = "Etc/Unknown"


def home_region() -> str:
    """The country of the organisation's own phone number, else of its language; "" where neither says."""
    known: str | None = cache.get(_HOME_KEY)
    if known is None:
        address = Channel.objects.filter(kind=ChannelKind.PHONE).values_list("address", flat=True).first()
        own = _parsed(address or "", "")
        known = (own and _region_of(own)) or _REGIONS.get(Organisation.current().default_language, "")
        cache.set(_HOME_KEY, known, _HOME_SECONDS)
    return known


def region_for(language: str | None) -> str:
    """Where a number without a country is taken to be from; "" where nobody can know."""
    return _REGIONS.get(language or "") or home_region()


def read_number(text: str, region: str | None = None) -> str:
    """A number as it is kept: "+" and digits (E.164). Without a country code it is one of `region`, or else of ours.

    Raises TicketError with what to do about it. One that no plan knows is taken where it has its country code:
    plans change more often than tables, and whoever writes so much of a number means it.
    """
    text = clean(text).strip()
    regions = dict.fromkeys([region_for(get_language()) if region is None else region, home_region()])
    found = [number for one in regions if (number := _parsed(text, one))]
    number = next((one for one in found if phonenumbers.is_valid_number(one)), None)
    if number is None and _has_country_code(text):
        number = next((one for one in found if phonenumbers.is_possible_number(one)), None)
    if number is None:
        raise TicketError(_refusal(text))
    if phonenumbers.number_type(number) in _COSTLY:
        raise TicketError(_("We cannot call that kind of number. Write another one."))
    if number.extension:
        raise TicketError(_("Write the number without its extension, and tell us the extension in your own words."))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _refusal(text: str) -> str:
    if not any(letter.isdigit() for letter in text):
        return _("Write the phone number that we are to call.")
    if _has_country_code(text):
        return _("That is not a whole phone number. Look at the digits again, such as +46 70 123 45 67.")
    return _("That is not a whole phone number. Look at the digits again, or begin with the country, such as +46.")


def _has_country_code(text: str) -> bool:
    return text.lstrip("(").startswith(("+", "＋", "00"))


def _parsed(text: str, region: str) -> PhoneNumber | None:
    if len(text) > _LONGEST_INPUT:
        return None
    try:
        return phonenumbers.parse(text, region or None)
    except NumberParseException:
        return None


def _region_of(number: PhoneNumber) -> str:
    """Also for numbers that no plan knows: the main country of the code."""
    return phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(
        number.country_code or 0
    )


def shown(number: str, region: str | None = None) -> str:
    """As people of `region` (the reader's, if not given) write it: whole where it is from another country.

    What is kept otherwise, from before or from elsewhere, is shown as it is.
    """
    parsed = _parsed(number, "")
    if parsed is None:
        return number
    is_near = _region_of(parsed) == (region_for(get_language()) if region is None else region)
    return phonenumbers.format_number(
        parsed, PhoneNumberFormat.NATIONAL if is_near else PhoneNumberFormat.INTERNATIONAL
    )


def ending(number: str) -> str:
    """Its last two digits: enough to know one's own number again, too few for anybody else to call it."""
    return number[-2:]


def is_far_from(number: str, zone: ZoneInfo) -> bool:
    """Whether clocks where the number is from may show another time than in `zone` (compared by name)."""
    parsed = _parsed(number, "")
    zones = time_zones_for_number(parsed) if parsed else ()
    return any(one not in (zone.key, _UNKNOWN_ZONE) for one in zones) or not zones


def other_spellings(number: str) -> list[str]:
    """How else a number may stand in records from before, or from other systems: without "+", or without its country.

    Not every record with such a value is about this number: `means` tells.
    """
    parsed = _parsed(number, "")
    if parsed is None:
        return []
    national = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
    whole = phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
    digits = "".join(letter for letter in national if letter.isdigit())
    significant = phonenumbers.national_significant_number(parsed)
    found = [number[1:], f"00{number[1:]}", national, digits, significant, whole, whole.replace(" ", "-")]
    return [one for one in dict.fromkeys(found) if one != number]


def means(value: str, number: str, region: str) -> bool:
    """Whether `value`, as somebody of `region` would write it, is this number."""
    return any(
        (parsed := _parsed(one, region)) is not None
        and phonenumbers.format_number(parsed, PhoneNumberFormat.E164) == number
        for one in (value, f"+{value}")
    )
