"""What public holidays are called in our own languages, where the package `holidays` has no name in the reader's.

The names are those that the package gives in English; how they are said in other languages stands in the catalogues.
"""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

_NAMES = frozenset(
    {
        gettext_noop("New Year's Day"),
        gettext_noop("New Year Holiday"),
        gettext_noop("Epiphany"),
        gettext_noop("Women's Day"),
        gettext_noop("Saint Patrick's Day"),
        gettext_noop("Maundy Thursday"),
        gettext_noop("Good Friday"),
        gettext_noop("Easter Sunday"),
        gettext_noop("Easter Monday"),
        gettext_noop("First Day of Summer"),
        gettext_noop("Labor Day"),
        gettext_noop("May Day"),
        gettext_noop("Spring Bank Holiday"),
        gettext_noop("Ascension Day"),
        gettext_noop("Pentecost"),
        gettext_noop("Pentecost Monday"),
        gettext_noop("Corpus Christi"),
        gettext_noop("Constitution Day"),
        gettext_noop("National Day"),
        gettext_noop("Åland's Autonomy Day"),
        gettext_noop("Midsummer Eve"),
        gettext_noop("Midsummer Day"),
        gettext_noop("Battle of the Boyne"),
        gettext_noop("Summer Bank Holiday"),
        gettext_noop("Late Summer Bank Holiday"),
        gettext_noop("Commerce Day"),
        gettext_noop("Assumption Day"),
        gettext_noop("World Children's Day"),
        gettext_noop("German Unity Day"),
        gettext_noop("Reformation Day"),
        gettext_noop("All Saints' Day"),
        gettext_noop("Repentance and Prayer Day"),
        gettext_noop("Saint Andrew's Day"),
        gettext_noop("Independence Day"),
        gettext_noop("Christmas Eve"),
        gettext_noop("Christmas Day"),
        gettext_noop("Second Day of Christmas"),
        gettext_noop("Boxing Day"),
        gettext_noop("New Year's Eve"),
    }
)
# In some countries these are on another day, and then our words for the first of May are wrong.
_FIRST_OF_MAY = ("Labor Day", "May Day")
_OBSERVED = " (observed)"
# Two holidays that fall on one day.
_BETWEEN = "; "


def in_our_words(english: str, day: date, language: str) -> str:
    """A name that the package gives in English, said in `language`; as it is where we have no word for it."""
    with override(language):
        return ", ".join(_one(name, day) for name in english.split(_BETWEEN))


def _one(english: str, day: date) -> str:
    name = english.removesuffix(_OBSERVED)
    if is_known(english, day):
        name = _(name)
    return _("%(day)s (observed)") % {"day": name} if english.endswith(_OBSERVED) else name


def is_known(english: str, day: date) -> bool:
    """Whether we have words of our own for one holiday on a day."""
    name = english.removesuffix(_OBSERVED)
    return name in _NAMES and (name not in _FIRST_OF_MAY or (day.month, day.day) == (5, 1))
