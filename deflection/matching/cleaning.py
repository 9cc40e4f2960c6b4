"""A written question without what says nothing of it: greetings, signatures, quoted mail, order details."""

from __future__ import annotations

import re

from knowledge.search.analysis import clean

# Longer texts cost time and add nothing: what it is about is said in the first few hundred words.
MAX_CHARACTERS = 4000

# Strangers choose the text: each expression below must stay linear in it, so none lets two repeats of the same
# characters meet, or a repeat run over lines from every line.

_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|dear|good (?:morning|day|evening)"
    r"|hej|hejsan|hallå|tjena|god (?:dag|morgon|kväll|kveld)|hei|heisann"
    r"|kære|kära|kjære|goddag)\b[^\n.!?,]{0,40}[\n.!?,]\s*",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"^[^\S\n]*(?:--[^\S\n]*$|(?:(?:best|kind|warm) regards|regards|sincerely|thanks,|cheers"
    r"|(?:med )?vänlig(?:a)? hälsning(?:ar)?|mvh|vh|hälsningar"
    r"|hilsen|(?:med )?vennlig hilsen|(?:med )?venlig hilsen|(?:de )?bedste hilsner|de beste hilsener|kh)\b).*",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_QUOTED = re.compile(r"^[^\S\n]*>.*$", re.MULTILINE)
_IDENTIFIER = re.compile(r"\b(?:[A-Z]{1,4}-?\d{4,}|\d{6,})\b")
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@.]{1,63}(?:\.[^\s@.]{1,63})+|https?://\S+|\+?\d[\d ()-]{7,}\d")


def question_of(text: str, subject: str = "") -> str:
    """What the text asks, as far as wording can tell. A text that is all greeting is kept as it is."""
    text = clean(text)[:MAX_CHARACTERS].strip()
    bare = _QUOTED.sub("", text)
    bare = _GREETING.sub("", bare, count=1)
    bare = _SIGN_OFF.sub("", bare)
    bare = _ADDRESS.sub(" ", _IDENTIFIER.sub(" ", bare)).strip()
    return f"{clean(subject)[:300].strip()}\n{bare or text}".strip()
