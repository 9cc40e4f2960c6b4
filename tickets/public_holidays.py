"""Public holidays by country and, where they differ, by part of the country (package `holidays`).

The names are the package's own in the reader's language where it has that, else its English ones in our words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from django.utils.translation import gettext as _
from holidays import country_holidays
from holidays.registry import COUNTRIES

from tickets.holiday_names import in_our_words

# What the package calls our languages; for a country it knows some of them.
_CODES = {"en": ("en_US", "en_GB"), "nb": ("no", "nb"), "sv": ("sv", "sv_FI"), "da": ("da",)}
_NORDIC = ("SE", "NO", "DK", "FI", "IS")


@lru_cache(maxsize=256)
def _year(country: str, subdivision: str, year: int, code: str) -> Mapping[date, str]:
    """The holidays of a year; none where the country or its part is not known."""
    try:
        return dict(country_holidays(country, subdiv=subdivision or None, years=year, language=code or None))
    except (NotImplementedError, KeyError):
        return {}


@lru_cache(maxsize=256)
def _code(country: str, language: str) -> str:
    """The package's code for a language in a country; "" where it does not speak it there."""
    try:
        known = set(country_holidays(country).supported_languages)
    except (NotImplementedError, KeyError):
        return ""
    return next((code for code in _CODES.get(language, (language,)) if code in known), "")


def is_holiday(country: str, subdivision: str, day: date) -> bool:
    return day in _year(country, subdivision, day.year, "")


def holiday_name(country: str, subdivision: str, day: date, language: str) -> str:
    """ "" on a day that is no public holiday."""
    if code := _code(country, language):
        return _year(country, subdivision, day.year, code).get(day, "")
    name = _year(country, subdivision, day.year, _code(country, "en")).get(day, "")
    return in_our_words(name, day, language) if name else ""


@lru_cache(maxsize=1)
def countries() -> tuple[tuple[str, str], ...]:
    """Code and English name of each country whose holidays are known, our neighbours first."""
    names = {entry[1]: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", entry[0]) for entry in COUNTRIES.values()}
    nordic = [(code, names.pop(code)) for code in _NORDIC]
    return (*nordic, *sorted(names.items(), key=lambda pair: pair[1]))


def subdivisions(country: str) -> tuple[str, ...]:
    """The codes of a country's parts that have holidays of their own; () where there are none, or no such country."""
    try:
        return tuple(country_holidays(country).subdivisions)
    except (NotImplementedError, KeyError):
        return ()


def refusal(country: str, subdivision: str) -> str:
    """Why there are no holidays for a country and its part, as a sentence; "" where there are."""
    if not country:
        return _("Choose the country first.") if subdivision else ""
    if country not in dict(countries()):
        return _("The holidays of this country are not known.")
    known = subdivisions(country)
    if subdivision and subdivision not in known:
        if not known:
            return _("Holidays are the same in all parts of this country. Leave it empty.")
        return _("Write one of: %(codes)s.") % {"codes": ", ".join(known)}
    return ""
