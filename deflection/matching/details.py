"""What a written question holds that says nothing of what is asked: numbers of orders, addresses, accounts, people.

Strangers choose the text: every expression stays linear in it, so each repeat is bounded or meets no other repeat of
the same characters.
"""

from __future__ import annotations

import re

_MAIL = r"[^\s@<>()\[\]\"',;:]{1,64}@[^\s@.<>]{1,63}(?:\.[^\s@.<>,;:!?)]{1,63}){1,5}"
_WEB = r"\b(?:https?://|www\.)[^\s<>]{1,500}"

# "order 1042-77", "ordernr: SV-10023", "sagsnr. #12": the number goes, the word stays.
_NAMED_NUMBER = re.compile(
    r"(?P<name>\b(?:order|case|ticket|reference|ref|invoice|customer|member|tracking|booking|parcel"
    r"|beställning|ärende|kund|faktura|referens|försändelse|bokning|medlem|kolli"
    r"|bestilling|ordre|sak|sag|kunde|referanse|reference|sporing|sending|forsendelse|medlems?|booking)s?"
    r"(?:[- ]?(?:number|num|no|nr|id|nummer|numret|nummeret|numme?r))?\.?)"
    r"(?P<between>[ \t]{0,2}(?:[:#=]|is|är|er)?[ \t]{0,2})#?(?=[A-Z0-9/-]{0,12}\d)[A-Z0-9][A-Z0-9/-]{2,30}\b",
    re.IGNORECASE,
)
_DETAILS = re.compile(
    "|".join(
        (
            _MAIL,
            _WEB,
            # IBAN (ISO 13616) and tracking numbers (UPU S10), then anything like them.
            r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b",
            r"\b[A-Z]{2}[ ]?(?:\d[ ]?){9}[A-Z]{2}\b",
            r"\b[A-Z]{1,4}-?\d{5,20}\b",
            # Dates with their year.
            r"\b(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})\b",
            # Telephones, cards, personal and other long numbers, with the signs that group them.
            r"(?<![\w.])(?!(?:1[5-9]|20)\d\d ?[-–/] ?(?:1[5-9]|20)\d\d(?!\d))\+?\(?\d(?:[ ()./-]{0,2}\d){6,24}(?![\w])",
            r"#\d{1,20}\b",
            r"\b\d{6,40}\b",
            # "Storgatan 12 B, 114 55 Stockholm"; "0150 Oslo" is too like other numbers to be known by itself.
            r"\b[^\W\d_]{2,30}(?:gatan|gata|vägen|väg|veien|vegen|vej|vejen|gade|gaden|gränd|torget|torg|allé|allén)"
            r"[ ]\d{1,4}(?:[ ]?[A-Z]\b)?(?:,?[ ]\d{3}[ ]?\d{1,2}[ ][^\W\d_]{2,30})?",
            r"\b\d{1,4}[A-Z]?[ ][A-Z][a-z]{1,20}[ ](?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Court|Way)\b",
        )
    )
)
_SPACES = re.compile(r"[ \t]{2,}")


def without_details(text: str) -> str:
    """The text without what names one order, person or place rather than a kind of trouble."""
    text = _NAMED_NUMBER.sub(lambda found: found["name"], text)
    return _SPACES.sub(" ", _DETAILS.sub(" ", text)).strip()
