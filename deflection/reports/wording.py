"""What the figures of the hold-out say, in plain words for a manager."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from deflection.models import HoldoutRound
from deflection.services.effect import FEWEST, Comparison, Verdict
from deflection.services.statistics import Interval


@dataclass(frozen=True)
class Finding:
    verdict: Verdict
    sentence: str
    range: str = ""
    """How sure that is, as a sentence of its own."""

    @property
    def is_clear(self) -> bool:
        return self.verdict in (Verdict.AVERTS, Verdict.CAUSES)


def finding(comparison: Comparison, running: HoldoutRound) -> Finding:
    """The result of a round, or of a part of it, as somebody would tell it."""
    verdict = comparison.verdict(running.effect / 100)
    interval = comparison.interval
    if interval is None:
        return Finding(verdict, _("Too little data to tell: nobody is counted in one of the groups yet."))
    sentences = {
        Verdict.TOO_LITTLE: _("Too little data to tell whether suggestions avert contacts."),
        Verdict.AVERTS: _(
            "Of 100 people who opened the form, about %(number)s fewer had to turn to a person because they were shown "
            "suggestions."
        ),
        Verdict.CAUSES: _(
            "Of 100 people who opened the form, about %(number)s more turned to a person because they were shown "
            "suggestions."
        ),
        Verdict.NO_DIFFERENCE: _(
            "No effect as large as %(looked_for)s of 100 people: showing suggestions neither averts nor causes that "
            "many contacts."
        ),
    }
    values = {"number": _about(interval.estimate), "looked_for": amount(running.effect / 100)}
    return Finding(verdict, sentences[verdict] % values, _range(interval))


def _range(interval: Interval) -> str:
    return _("The data fit anything from %(low)s to %(high)s of 100 (95 %% interval).") % {
        "low": fewer_or_more(interval.low),
        "high": fewer_or_more(interval.high),
    }


def fewer_or_more(averted: float) -> str:
    if not round(1000 * averted):
        return _("no difference")
    return (_("%(number)s fewer") if averted > 0 else _("%(number)s more")) % {"number": amount(averted)}


def _about(share: float) -> str:
    """Whole people, where there is at least one."""
    value = abs(100 * share)
    return number_format(round(value), 0) if value >= 1 else amount(share)


def amount(share: float) -> str:
    """So many of a hundred, without its sign; with a decimal unless it is whole."""
    value = round(abs(100 * share), 1)
    return number_format(value, 0 if value == round(value) else 1)


def verdict_word(comparison: Comparison, running: HoldoutRound) -> str:
    words = {
        Verdict.TOO_LITTLE: _("too little data"),
        Verdict.AVERTS: _("averts contacts"),
        Verdict.CAUSES: _("causes contacts"),
        Verdict.NO_DIFFERENCE: _("no such effect"),
    }
    return words[comparison.verdict(running.effect / 100)]


def rule_of_too_little(running: HoldoutRound) -> str:
    return _(
        "Too little data: fewer than %(fewest)s people in one of the groups, or an interval that holds both zero and "
        "an effect of %(effect)s of 100, the one that this round looks for."
    ) % {"fewest": FEWEST, "effect": amount(running.effect / 100)}
