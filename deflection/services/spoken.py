"""The few signs by which a customer names their journey to whoever picks up the phone: "K7M 4QX".

**The alphabet.** The caller reads from a screen, perhaps a small one, and the agent hears it over a line that carries
300 to 3,400 Hz (ITU-T G.711), where the hiss that tells F from S is gone. A sign stays only if it looks and sounds like
no other one that stays, said by its name in English, Swedish, Norwegian and Danish:

- look alike: 0 O D, 1 I, 2 Z, 5 S, 6 G, 8 B (and 3), U V Y: all of them go; so does C beside G;
- rhyme on "ee": B C D E G P T V (be, se, de, ge, pe, te, ve; "tre" is 3 in all of Scandinavia, "zee" is Z in America):
  only 3 stays;
- rhyme on "å": H K Å, and the Swedish and Danish 2 (två, to); on "ay" in English: A H J K 8: only K stays;
- begin with "e": F S X (eff, ess, eks: what parts the first two is above 3,400 Hz), M N and the Scandinavian 5 ("fem"),
  which differ by a nasal: F, M, X stay; 6 ("sex", "seks") is X to the ear; 1 ("en", "ett") is N;
- rhyme on "u": Q U, the English 2, the Norwegian 2 ("to"): only Q stays, whose look-alikes are gone;
- rhyme on "i": 9 ("ni"), Y and I, the Swedish J: only 9 stays, also for "five" and "nine" in English;
- W, R, L, 4 and 7 have nobody left to be taken for.

No vowel is left, so no word can come about. Twelve signs; each has a word to spell it by (`spelled`).

**Guessing.** Six of twelve signs make 12^6 = 2,985,984 references, drawn by a cryptographic generator and valid for
24 hours. Where 1,000 customers open the panel in a day, 1,000 are valid at once, and one guess in 2,986 is somebody's.
An agent's desk takes 10 wrong references an hour, all desks together 60: a caller who keeps an agent busy for a whole
hour finds one with 0.3 %; all desks, kept busy by nothing else, find one in 50 hours. What it would open is what
somebody searched and began to write, told to an agent, who tells it to nobody; and a second wrong one in the same call
is reason enough to stop. Nobody but agents can look a reference up.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deflection.models import Journey, SpokenReference
from tickets.errors import TicketError

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

SIGNS = "FKLMQRWX3479"
LENGTH = 6
VALID_FOR = timedelta(hours=24)
# Whoever opens the panel now may still be waiting for an answer when less than this is left.
_LEAST_LEFT = timedelta(hours=1)
_MOST_DRAWS = 20
WRONG_AN_HOUR, WRONG_AN_HOUR_BY_ALL = 10, 60
_HOUR_SECONDS = 3600
# A sign that is never given, and the only one that it can have been, by ear or by eye. S (F or X), 5 (M or 9), 2, 8, A,
# I, J, U, Y and the "ee" letters but T could be more than one, or none, and are left as they are: wrong.
_MISHEARD = str.maketrans({"H": "K", "Å": "K", "N": "M", "6": "X", "0": "Q", "O": "Q", "V": "W", "T": "3"})
_BETWEEN = str.maketrans("", "", " \t\n\u00a0-–—.,;:/'\"")
_WORDS = {
    "F": gettext_lazy("F as in Foxtrot"),
    "K": gettext_lazy("K as in Kilo"),
    "L": gettext_lazy("L as in Lima"),
    "M": gettext_lazy("M as in Mike"),
    "Q": gettext_lazy("Q as in Quebec"),
    "R": gettext_lazy("R as in Romeo"),
    "W": gettext_lazy("W as in Whiskey"),
    "X": gettext_lazy("X as in X-ray"),
    "3": gettext_lazy("three"),
    "4": gettext_lazy("four"),
    "7": gettext_lazy("seven"),
    "9": gettext_lazy("nine"),
}


def give(journey: Journey, *, at: datetime | None = None) -> str:
    """The journey's reference as it is shown: the same one as long as it is valid; "" where none is free.

    In its last hour a new one is given, and the old one works to its end.
    """
    reference = current(journey, at=at)
    return shown(reference.code) if reference else ""


def current(journey: Journey, *, at: datetime | None = None) -> SpokenReference | None:
    """As `give`. None where nearly all are taken, which nobody but somebody who wants that brings about."""
    now = at or timezone.now()
    known = journey.spoken_references.filter(expires_at__gt=now + _LEAST_LEFT).order_by("-expires_at").first()
    for _draw in range(_MOST_DRAWS):
        if known is not None:
            break
        known = _take("".join(secrets.choice(SIGNS) for _sign in range(LENGTH)), journey, now)
    return known


def _take(code: str, journey: Journey, now: datetime) -> SpokenReference | None:
    """The code for this journey; None where it is another one's now."""
    SpokenReference.objects.filter(code=code, expires_at__lte=now).delete()
    try:
        with transaction.atomic():
            return SpokenReference.objects.create(
                code=code, journey=journey, created_at=now, expires_at=now + VALID_FOR
            )
    except IntegrityError:
        return None


def shown(code: str) -> str:
    """In two groups of three, which is what people can keep in mind: "K7M 4QX"."""
    return f"{code[:3]} {code[3:]}"


def spelled(code: str) -> list[str]:
    """Sign by sign in the language of the page, as one says it on the phone: "K as in Kilo", "seven"."""
    return [str(_WORDS[sign]) for sign in code if sign in _WORDS]


def read(text: str) -> str:
    """The code in what was typed, or "" where it cannot be one. Small letters, spaces and hyphens do not matter."""
    code = text.upper().translate(_BETWEEN).translate(_MISHEARD)
    return code if len(code) == LENGTH and set(code) <= set(SIGNS) else ""


def find(text: str, *, at: datetime | None = None) -> Journey | None:
    """The journey that a reference names now. Counts no attempts: what an agent types goes through `look_up`."""
    code = read(text)
    if not code:
        return None
    valid = SpokenReference.objects.select_related("journey__customer", "journey__continues")
    found = valid.filter(code=code, expires_at__gt=at or timezone.now()).first()
    return found.journey if found else None


def look_up(text: str, *, by: User, at: datetime | None = None) -> Journey | None:
    """As `find`, for an agent at the desk. Raises TicketError after too many wrong ones within an hour."""
    mine, everybodys = f"spoken.wrong.{by.pk}", "spoken.wrong"
    if cache.get(mine, 0) >= WRONG_AN_HOUR or cache.get(everybodys, 0) >= WRONG_AN_HOUR_BY_ALL:
        raise TicketError(
            _("Too many wrong references within an hour. Find the customer by number, e-mail or case ID instead.")
        )
    journey = find(text, at=at)
    if journey is None:
        for key in (mine, everybodys):
            cache.add(key, 0, _HOUR_SECONDS)
            # The hour may end between the two.
            with suppress(ValueError):
                cache.incr(key)
    return journey
