"""Order numbers and the like: how they are tidied, and whether their last digit follows from the others."""

from __future__ import annotations

import re
import unicodedata

from tickets.models import CustomField

_DASHES = re.compile("[\u2010-\u2015\u2212]")
# A browser reads these as we do, whatever they are put together to; all else is left to the server.
_PORTABLE = re.compile(r"(?:[A-Za-z0-9 #/:_,.|^$()\[\]*+?{}-]|\\[d.\-+*?()\[\]{}|/^$])*")
# Look-around and flags, possessive repetition, anchors and negated classes.
_SPECIAL = re.compile(r"\(\?|[*+?}]\+|[\^$]|\[\]")
_WEIGHTS = (2, 3, 4, 5, 6, 7)


def tidied(text: str) -> str:
    """As it is kept: in capitals, without spaces, with plain hyphens ("hv – 123" becomes "HV-123")."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    return "".join(plain.split()).upper()


def check_digit_is_right(kind: str, number: str) -> bool:
    """Whether the number's last digit is the one that its other digits demand. Letters and hyphens do not count."""
    match kind:
        case CustomField.Check.LUHN:
            return _luhn(number)
        case CustomField.Check.MODULUS_11:
            return _modulus_11(number)
        case _:
            return True


def _digits(text: str) -> list[int]:
    return [int(sign) for sign in text if sign.isascii() and sign.isdigit()]


def _luhn(number: str) -> bool:
    """ISO/IEC 7812-1, annex B: from the right, every second digit counts double; the sum of digits ends in 0."""
    digits = _digits(number)[::-1]
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(digits)]
    return len(digits) > 1 and sum(doubled) % 10 == 0


def _modulus_11(number: str) -> bool:
    """Weights 2 to 7 again and again from the right, as in Norwegian payment references (KID), Norwegian organisation
    numbers and Danish CVR numbers. A check of 10 is written X or -."""
    ten = number[-1:] in ("X", "-")
    digits = _digits(number)
    body, check = (digits, 10) if ten else (digits[:-1], digits[-1] if digits else -1)
    total = sum(digit * _WEIGHTS[place % len(_WEIGHTS)] for place, digit in enumerate(reversed(body)))
    return bool(body) and (total + check) % 11 == 0


def pattern_for_browsers(pattern: str) -> str:
    r"""The pattern in JavaScript's words, where both surely mean the same; "" where only the server may judge.

    Our \d takes the digits of every script, as `\p{Nd}` does there (with the flag u).
    """
    is_plain = _PORTABLE.fullmatch(pattern) and not _SPECIAL.search(pattern.replace("(?:", "("))
    if not is_plain:
        return ""
    return pattern.replace("\\d", "\\p{Nd}").replace("\\-", "\\x2d")
