"""Taking personal data out of a question before anything is learned from it.

What is kept teaches the matcher for years and is read by many, so it errs on the side of taking out too much. A name
in small letters in the middle of a text is the one thing that it cannot know for a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

from deflection.matching.details import without_details
from knowledge.search.analysis import words
from knowledge.search.frequencies import zipf
from knowledge.search.languages import LANGUAGES

# National identity numbers: Swedish and Danish (six or eight digits and four), Norwegian (six and five), Finnish.
_IDENTITY = re.compile(
    r"\b(?:\d{6}|\d{8})[-+ ]?(?:\d{4,5}|\d{3}[0-9A-Y])\b|\b\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]\b", re.IGNORECASE
)
# Whatever number is left: postal codes, door codes, amounts. Years and small numbers tell of the question.
_NUMBER = re.compile(r"(?<![\w])(?!(?:19|20)\d\d(?![\w ]{0,1}\d))\d(?:[ .-]?\d){3,30}(?![\w])")
_INTRODUCED = re.compile(
    r"\b(?P<words>my name is|my name's|name:|this is|i am|i'm|jag heter|mitt namn är|namn:|jeg heter|navnet mitt er"
    r"|mit navn er|jeg hedder|navn:|hälsningar|hilsen|hilsner|regards|mvh|vh|kh)[ ,:]{1,3}"
    r"(?:(?-i:[A-ZÅÄÖÆØ])[\w'’-]{1,30} ?){1,4}",
    re.IGNORECASE,
)
# Words with a capital, one after the other, that do not begin a sentence. Those all in capitals are no names.
_CAPITALISED = re.compile(
    r"(?P<before>[\w,;:)\"”’-][ \t]{1,3})(?P<words>(?:[A-ZÅÄÖÆØÉÜ][a-zåäöæøéü][\w'’-]{0,40}[ \t]{0,2}){1,6})"
)
_EMPTY_BRACKETS = re.compile(r"\([\s,.]{0,5}\)")
_BEFORE_STOP = re.compile(r"[ \t]{1,20}(?=[.,;:!?])|,(?=[ \t]{0,20}[,.])")
# On the Zipf scale. "Per", "Bo" and "May" are words too: they are taken out only where they are written as names.
_EVERYDAY = 4.5


def scrubbed(text: str, *, names: Iterable[str] = (), known_words: Set[str] = frozenset()) -> str:
    """The text without personal data.

    `names` are those of the people in the case, whole. A word with a capital in the middle of a sentence is taken
    for a name, unless it is among `known_words` (lower case): those that the site's own texts use.
    """
    text = without_details(_IDENTITY.sub(" ", text))
    text = _INTRODUCED.sub(lambda found: found["words"] + " ", text)
    for part in {part for name in names for part in re.split(r"[^\w'’-]+", name) if len(part) > 1}:
        flags = 0 if _is_everyday_word(part) else re.IGNORECASE
        text = re.sub(rf"\b{re.escape(part)}(?:'s|’s|s)?\b", " ", text, flags=flags)
    text = _CAPITALISED.sub(lambda found: _unless_known(found, known_words), text)
    text = _BEFORE_STOP.sub("", _EMPTY_BRACKETS.sub(" ", _NUMBER.sub(" ", text)))
    return " ".join(text.split()).strip(" ,;:/-")


def _is_everyday_word(name: str) -> bool:
    return any(zipf(name.casefold(), language) >= _EVERYDAY for language in LANGUAGES)


def _unless_known(found: re.Match[str], known_words: Set[str]) -> str:
    kept = [one for one in found["words"].split() if all(part in known_words for part in words(one))]
    return found["before"] + "".join(f"{one} " for one in kept)
