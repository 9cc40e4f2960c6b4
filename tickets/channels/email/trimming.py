"""What is new in an answer: the text above the quoted mail, in four languages."""

from __future__ import annotations

import re
from html import unescape

import nh3
from mailparser_reply import EmailReplyParser

# Norwegian programs write the same reply headers as Danish and Swedish ones ("skrev", "Fra: Sendt: Til:").
_LANGUAGES = ["en", "sv", "da"]
_BREAK = re.compile(r"(?i)<\s*(br|/p|/div|/li|/tr|/h[1-6])\b[^>]*>")
_QUOTE = re.compile(r"(?is)<\s*blockquote\b.*?</\s*blockquote\s*>|<(style|script|head)\b.*?</\1\s*>")


def new_text(text: str) -> str:
    """The answer without quoted mail. An answer that is nothing but a quote is kept whole."""
    try:
        reply = EmailReplyParser(languages=_LANGUAGES).parse_reply(text=text)
    except (ValueError, IndexError, re.error):
        reply = text
    return (reply or text).strip()


def text_of_html(html: str) -> str:
    """Plain text of an HTML mail, block elements as lines, quotes left out."""
    lines = _BREAK.sub("\n", _QUOTE.sub("\n", html))
    text = unescape(nh3.clean(lines, tags=set()))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in text.splitlines())).strip()
