"""Rounds of the hold-out: which one runs, and beginning another."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deflection.models import HoldoutRound
from deflection.models.holdout import DEFAULT_EFFECT, HIGHEST_SHARE
from tickets.errors import TicketError

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_KEYS_SETTLE_IN = timedelta(hours=1)


def key_of(number: int) -> bytes:
    """The round's own key, so that who was held out in one is no likelier to be in the next."""
    return hmac.digest(settings.SECRET_KEY.encode(), b"svar.holdout.round.%d" % number, "sha256")


def _check(number: int) -> str:
    return hmac.digest(key_of(number), b"check", "sha256").hex()[:16]


def current_round(*, at: datetime | None = None) -> HoldoutRound:
    """The round that runs. A new site's first one has the share of the settings; with 0 nothing is written.

    Under another secret key people would be assigned anew, so a key that was changed begins a round too; once: while
    processes with either key run side by side, those that began none hold nobody out.
    """
    found = HoldoutRound.objects.first()
    if found is None:
        if not settings.HOLDOUT_SHARE:
            return HoldoutRound(number=0, share=0)
        return _begin(None, share=settings.HOLDOUT_SHARE, effect=DEFAULT_EFFECT, at=at)
    if found.key_check != _check(found.number):
        if found.started_at > (at or timezone.now()) - _KEYS_SETTLE_IN:
            return HoldoutRound(number=0, share=0)
        return _begin(found, share=found.share, effect=found.effect, at=at)
    return found


def start_round(
    *, share: int, effect: float, planned: int | None = None, by: User | None = None, at: datetime | None = None
) -> HoldoutRound:
    """Sets the share, by a new round; the same share and effect as now change nothing. Raises TicketError."""
    if not 0 <= share <= HIGHEST_SHARE:
        raise TicketError(_("The share is a whole number from 0 to 50."))
    last = HoldoutRound.objects.first()
    if last and (last.share, last.effect, last.key_check) == (share, effect, _check(last.number)):
        return last
    return _begin(last, share=share, effect=effect, planned=planned, by=by, at=at)


def _begin(
    last: HoldoutRound | None,
    *,
    share: int,
    effect: float,
    planned: int | None = None,
    by: User | None = None,
    at: datetime | None = None,
) -> HoldoutRound:
    now = at or timezone.now()
    number = last.number + 1 if last else 1
    try:
        with transaction.atomic():
            begun = HoldoutRound.objects.create(
                number=number,
                share=share,
                effect=effect,
                planned=planned,
                key_check=_check(number),
                started_at=now,
                started_by=by,
            )
            HoldoutRound.objects.filter(number__lt=number, ended_at__isnull=True).update(ended_at=now)
    except IntegrityError:
        # Somebody else began it at the same moment.
        return HoldoutRound.objects.get(number=number)
    return begun
