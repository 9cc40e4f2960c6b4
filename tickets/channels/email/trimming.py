"""What is new in an answer: the text above the quoted mail, in four languages.

Strangers choose the text, so nothing here may cost more than a little for each of its characters.
"""

from __future__ import annotations

import re
from html import unescape

from mailparser_reply.parser import EmailMessage

# Norwegian programs write the same reply headers as Danish and Swedish ones ("skrev", "Fra: Sendt: Til:").
_LANGUAGES = ["en", "sv", "da"]
# The line "On ..., somebody wrote:" and its kin. On long lines the expression takes the square of their length.
_QUOTE_BEGINS = EmailMessage(text="", languages=_LANGUAGES).HEADER_REGEX
_LONGEST_HEADER_LINE = 250
# An answer longer than this is cut anyway, and its markup is at most so many times as long.
_MOST_CHARACTERS = 50_000
_MOST_MARKUP = 500_000
# What ends nowhere hides all that follows, as in a browser; looking for its end again and again would take for ever.
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(style|script|title)\b.*?(?:</\1\b[^<>]*>?|\Z)", re.IGNORECASE | re.DOTALL)
_QUOTE = re.compile(r"<(/?)blockquote\b[^<>]*>", re.IGNORECASE)
_BREAK = re.compile(
    r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>|(?<=[^>\s])<(?:p|div|ul|ol|table)\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"<[/!?a-z][^<>]*>", re.IGNORECASE)


def new_text(text: str) -> str:
    """The answer without quoted mail. An answer that is nothing but a quote is kept whole."""
    lines = text[:_MOST_CHARACTERS].split("\n")
    short = "\n".join(line.strip() if len(line) <= _LONGEST_HEADER_LINE else "-" for line in lines)
    found = _QUOTE_BEGINS.search(short)
    if found is None:
        return "\n".join(lines).strip()
    before = found.start() + len(found[0]) - len(found[0].lstrip("\n"))
    answer = "\n".join(lines[: short.count("\n", 0, before)])
    return answer.strip() or "\n".join(lines).strip()


def text_of_html(html: str) -> str:
    """Plain text of an HTML mail, block elements as lines, quotes left out. It is text, not safe HTML.

    No parser of the whole tree: elements nested ten thousand deep, which cost a sender nothing, cost one minutes.
    """
    shown = _without_quotes(_HIDDEN.sub(" ", html[:_MOST_MARKUP]))
    text = unescape(_TAG.sub("", _BREAK.sub("\n", shown)))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in text.splitlines())).strip()


def _without_quotes(html: str) -> str:
    pieces, depth, place = [], 0, 0
    for tag in _QUOTE.finditer(html):
        if depth == 0:
            pieces.append(html[place : tag.start()])
        depth = max(0, depth - 1) if tag[1] else depth + 1
        place = tag.end()
    return "\n".join([*pieces, html[place:] if depth == 0 else ""])
