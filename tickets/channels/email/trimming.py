"""What is new in an answer: the text above the quoted mail, in four languages.

Strangers choose the text, so nothing here may cost more than a little for each of its characters.
"""

from __future__ import annotations

import re
from html import unescape

import nh3
from mailparser_reply.parser import EmailMessage

# Norwegian programs write the same reply headers as Danish and Swedish ones ("skrev", "Fra: Sendt: Til:").
_LANGUAGES = ["en", "sv", "da"]
# The line "On ..., somebody wrote:" and its kin. On long lines the expression takes the square of their length.
_QUOTE_BEGINS = EmailMessage(text="", languages=_LANGUAGES).HEADER_REGEX
_LONGEST_HEADER_LINE = 250
# An answer longer than this is cut anyway, and its markup is at most so many times as long.
_MOST_CHARACTERS = 50_000
_MOST_MARKUP = 500_000
_LINE_ENDS = {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6"}
_LEFT_OUT = {"blockquote", "style", "script", "title"}
_BREAK = re.compile(r"<br>|</\w+>")


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
    """Plain text of an HTML mail, block elements as lines, quotes left out."""
    bare = nh3.clean(html[:_MOST_MARKUP], tags=_LINE_ENDS, attributes={}, clean_content_tags=_LEFT_OUT)
    text = unescape(nh3.clean(_BREAK.sub("\n", bare), tags=set()))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in text.splitlines())).strip()
