"""What is new in a letter: the text without quoted mail and without the signature, in four languages.

Nothing is lost: what is folded away stands beside what is shown. Strangers choose the text, so nothing here may cost
more than a little for each of its characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from mailparser_reply.parser import EmailMessage

# Norwegian programs write the same reply headers as Danish and Swedish ones ("skrev", "Fra: Sendt: Til:").
_LANGUAGES = ["en", "sv", "da"]
# The line "On ..., somebody wrote:" and its kin. On long lines the expression takes the square of their length.
_QUOTE_BEGINS = EmailMessage(text="", languages=_LANGUAGES).HEADER_REGEX
_LONGEST_HEADER_LINE = 250
# The same on two lines, or with the date behind it: only with an address or a time, since people write "skrev" too.
_WROTE = re.compile(
    r"^[^\n]{5,200}\bskrev\b[^\n]{0,200}<\n?[^\s<>@]{1,64}@[^\s<>]{1,190}>:$"
    r"|^[^\n]{5,200}<\n?[^\s<>@]{1,64}@[^\s<>]{1,190}> ?skrev:$"
    r"|^[^\n]{1,100}\bskrev (?:den )?\d[\d./-]{5,9},?(?: kl\.?)? \d\d[:.]\d\d:$",
    re.IGNORECASE | re.MULTILINE,
)
# The head of a letter with an empty line after each field, as some programs make plain text of HTML.
_SPACED_HEAD = re.compile(
    r"^[>* ]*(?:from|från|fra)[* ]*:[^\n]{3,200}\n{2,3}"
    r"[>* ]*(?:sent|date|skickat|datum|sendt|dato)[* ]*:[^\n]{3,200}\n{2,3}[>* ]*(?:to|till|til)[* ]*:",
    re.IGNORECASE | re.MULTILINE,
)
# "From: here. To: there." is what somebody wrote; a quoted letter's head has more fields than these.
_FIELD = re.compile(
    r"^[>* ]*(?:from|sent|date|to|cc|subject|från|skickat|datum|till|kopia|ämne|fra|sendt|dato|til|kopi|emne)[* ]*:",
    re.IGNORECASE | re.MULTILINE,
)
_FEWEST_FIELDS = 3
# A line that programs draw above what they quote.
_RULE = re.compile(r"^\s*[-_]{10,}\s*$")
# The line above a quoted letter as Outlook and others write it.
_SEPARATOR = re.compile(
    r"^[-_ ]{4,60}(?:original message|ursprungligt meddelande|originalmeddelande|opprinnelig melding"
    r"|oprindelig (?:meddelelse|besked)|original (?:besked|melding))[-_ ]{4,60}$",
    re.IGNORECASE | re.MULTILINE,
)
_FORWARD = re.compile(
    r"^[-_ ]{2,60}(?:begin )?(?:forwarded message|vidarebefordrat (?:meddelande|brev)|videresendt (?:melding|besked"
    r"|mail|meddelelse))[-_ ]{2,60}$"
    r"|^(?:begin forwarded message|vidarebefordrat (?:brev|meddelande)|(?:start på )?videresendt (?:melding|besked"
    r"|meddelelse)):$",
    re.IGNORECASE | re.MULTILINE,
)
_AUTHOR = re.compile(r"^[>* ]*(?:from|från|fra)[:*]{1,2}\s*(.{3,300})$", re.IGNORECASE | re.MULTILINE)
# An answer longer than this is cut anyway, and its markup is at most so many times as long.
_MOST_CHARACTERS = 50_000
_MOST_MARKUP = 500_000
# What ends nowhere hides all that follows, as in a browser; looking for its end again and again would take for ever.
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(style|script|title)\b.*?(?:</\1\b[^<>]*>?|\Z)", re.IGNORECASE | re.DOTALL)
_QUOTE = re.compile(r"<(/?)blockquote\b[^<>]*>", re.IGNORECASE)
_BREAK = re.compile(
    r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>|(?<=[^>\s])<(?:p|div|ul|ol|table)\b[^<>]*>", re.IGNORECASE
)
_CELL = re.compile(r"</t[dh]\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[/!?a-z][^<>]*>", re.IGNORECASE)

# RFC 3676, 4.3, and the programs that lose the space at its end.
_SIGNATURE_MARK = re.compile(r"^--\s?$")
_SENT_FROM = re.compile(
    r"^(?:sent from (?:my |outlook|mail|yahoo|proton|samsung)|get outlook for |skickat från (?:min |outlook|mail|yahoo)"
    r"|skickades från |hämta outlook för |sendt fra (?:min |outlook|mail|yahoo)|få outlook (?:for|til) "
    r"|hent outlook (?:for|til) |download outlook (?:for|til) |sent with proton ?mail)[^?]{0,60}$",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(?:mvh|m\.v\.h\.?|vänligen|(?:mange|de bedste) hilsner|"
    r"(?:med )?(?:vänlig|vänliga|bästa|varma?) hälsning(?:ar)?|hälsningar|allt gott|"
    r"(?:med )?(?:vennlig|vennlige|beste|hjertelig) hilsen|(?:med )?(?:venlig|venlige|bedste|kærlig) hilsen|hilsen|vh|"
    r"(?:with )?(?:kind(?:est)?|best|warm(?:est)?) regards|regards|yours (?:sincerely|faithfully|truly)|sincerely|"
    r"best wishes|cheers|br)\b[ ,.!]{0,3}(?P<rest>.{0,60})$",
    re.IGNORECASE,
)
_LONGEST_SIGNATURE_LINES = 14
_MOST_WORDS_SENT_FROM = 8
# After these a signature holds words of its own, and hiding those would hide what somebody wrote.
_SAYS_MORE = re.compile(r"\?|^\s*(?:p\.?\s?s\.?|obs|nb)\b", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Trimmed:
    """A letter's text in two: what is new, and what is folded away (a signature, quoted mail)."""

    shown: str
    folded: str = ""


def trim(text: str) -> Trimmed:
    """What is new in a letter. A letter that is nothing but quote and signature is shown whole."""
    lines = text[:_MOST_CHARACTERS].split("\n")
    cut = _quote_begins(lines)
    new, quoted = lines[:cut], lines[cut:]
    if not "".join(new).strip():
        new, quoted = _below(quoted)
    elif _answers_between(quoted):
        new, quoted = lines, []
    end = _signature_begins(new)
    shown = "\n".join(new[:end]).strip()
    if not shown:
        return Trimmed("\n".join(lines).strip())
    folded = "\n".join(new[end:]).strip() + "\n\n" + "\n".join(quoted).strip()
    return Trimmed(shown, folded.strip())


def new_text(text: str) -> str:
    """What is new in a letter, alone."""
    return trim(text).shown


def holds_quote(text: str) -> bool:
    """Whether a text quotes a letter."""
    lines = text[:_MOST_CHARACTERS].split("\n")
    return any(line.lstrip().startswith(">") for line in lines) or _quote_begins(lines) < len(lines)


def holds_forward(text: str) -> bool:
    """Whether a text says of itself that it passes on a letter."""
    return _FORWARD.search(_short_lines(text[:_MOST_CHARACTERS].split("\n"))) is not None


@dataclass(frozen=True)
class Forwarded:
    """A letter passed on within a text: what the one who passed it on wrote above, its author's line, its words."""

    above: str
    author: str
    text: str


def forwarded_in(text: str) -> Forwarded | None:
    """The letter that a text passes on, as mail programs write it in; None where there is none."""
    lines = text[:_MOST_CHARACTERS].split("\n")
    short = _short_lines(lines)
    marks = [_FORWARD.search(short), _SEPARATOR.search(short), _AUTHOR.search(short)]
    found = min((one for one in marks if one), key=lambda one: one.start(), default=None)
    author = _AUTHOR.search(short, found.start()) if found else None
    if found is None or author is None:
        return None
    above = "\n".join(lines[: short.count("\n", 0, found.start())]).strip()
    # Below the author's line stand the other fields, up to an empty line.
    rest = lines[short.count("\n", 0, author.start()) :]
    gap = next((number for number, line in enumerate(rest) if not line.strip(" >*\r")), len(rest))
    return Forwarded(above, author[1].strip(" *"), "\n".join(rest[gap:]).strip())


def _short_lines(lines: list[str]) -> str:
    return "\n".join(line.strip() if len(line) <= _LONGEST_HEADER_LINE else "-" for line in lines)


def _quote_begins(lines: list[str]) -> int:
    """The number of the line with which quoted mail begins; the number of lines where none does."""
    short = _short_lines(lines)
    head = next((one for one in _QUOTE_BEGINS.finditer(short) if _is_head(one[0])), None)
    places = [found for found in (head, *(one.search(short) for one in (_WROTE, _SPACED_HEAD, _SEPARATOR))) if found]
    if places:
        found = min(places, key=lambda one: one.start())
        before = found.start() + len(found[0]) - len(found[0].lstrip("\n"))
        return _above_rule(lines, short.count("\n", 0, before))
    # A quotation at the end that nothing introduces.
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(">")):
        end -= 1
    return end if any(line.lstrip().startswith(">") for line in lines[end:]) else len(lines)


def _is_head(text: str) -> bool:
    """Whether what reads like the head of a quoted letter is one: "On ..., somebody wrote:", or enough fields."""
    fields = len(_FIELD.findall(text))
    return fields == 0 or fields >= _FEWEST_FIELDS


def _above_rule(lines: list[str], cut: int) -> int:
    """The place of a quotation, the line drawn above it included."""
    above = cut
    while above and not lines[above - 1].strip():
        above -= 1
    return above - 1 if above and _RULE.match(lines[above - 1]) else cut


def _answers_between(quoted: list[str]) -> bool:
    """Whether somebody answered between the lines of what they quote: then only all of it makes sense."""
    first = next((n for n, line in enumerate(quoted) if line.lstrip().startswith(">")), None)
    if first is None:
        return False
    for line in quoted[first:]:
        if _SIGNATURE_MARK.match(line) or _CLOSING.match(line.strip()):
            return False
        if line.strip() and not line.lstrip().startswith(">"):
            return True
    return False


def _below(quoted: list[str]) -> tuple[list[str], list[str]]:
    """An answer below the quotation, where nothing stands above it: the last lines that are not quoted."""
    marks = [n for n, line in enumerate(quoted) if line.lstrip().startswith(">")]
    if not marks:
        return quoted, []
    if _between(quoted[marks[0] : marks[-1]]):
        return quoted, []
    return quoted[marks[-1] + 1 :], quoted[: marks[-1] + 1]


def _between(lines: list[str]) -> bool:
    return any(line.strip() and not line.lstrip().startswith(">") for line in lines)


def _signature_begins(lines: list[str]) -> int:
    """The number of the line with which the signature begins; the number of lines where there is none."""
    near_the_end = len(lines) - _LONGEST_SIGNATURE_LINES
    for number, line in enumerate(lines):
        stripped = line.strip()
        if _SIGNATURE_MARK.match(line) or _is_sent_from(lines, number):
            return number
        if number >= near_the_end and _is_closing(stripped):
            rest = "\n".join(lines[number + 1 :])
            return len(lines) if _SAYS_MORE.search(rest[:2_000]) else number
    return len(lines)


def _is_sent_from(lines: list[str], number: int) -> bool:
    """Whether a line is the one that telephones add. "Sent from my shop on Monday. Where is it?" goes on."""
    line = lines[number].strip()
    if len(line) >= 120 or not _SENT_FROM.match(line):
        return False
    below = "\n".join(lines[number + 1 : number + 40])[:2_000]
    return len(line.split()) <= _MOST_WORDS_SENT_FROM and not _SAYS_MORE.search(below)


def _is_closing(line: str) -> bool:
    """Whether a line ends a letter: the phrase alone, or with a name. "Regards the invoice" is a sentence."""
    found = _CLOSING.match(line) if len(line) < 120 else None
    if found is None:
        return False
    if found["rest"].startswith("/"):
        # "Vennlig hilsen / Best regards"
        return _is_closing(found["rest"].strip("/ "))
    rest = found["rest"].split()
    return len(rest) <= 3 and all(word[0].isupper() for word in rest)


def text_of_html(html: str, *, with_quotes: bool = False) -> str:
    """Plain text of an HTML mail, block elements as lines. It is text, not safe HTML.

    No parser of the whole tree: elements nested ten thousand deep, which cost a sender nothing, cost one minutes.
    """
    shown = _HIDDEN.sub(" ", html[:_MOST_MARKUP])
    shown = _with_marks(shown) if with_quotes else _without_quotes(shown)
    text = unescape(_TAG.sub("", _CELL.sub(" ", _BREAK.sub("\n", shown))))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_line(line) for line in text.splitlines())).strip()


def _line(line: str) -> str:
    return " ".join(line.replace("\ue000", "> ").split())


def _without_quotes(html: str) -> str:
    pieces, depth, place = [], 0, 0
    for tag in _QUOTE.finditer(html):
        if depth == 0:
            pieces.append(html[place : tag.start()])
        depth = max(0, depth - 1) if tag[1] else depth + 1
        place = tag.end()
    return "\n".join([*pieces, html[place:] if depth == 0 else ""])


def _with_marks(html: str) -> str:
    """Quotations with "> " before each of their lines, so that plain text tells them apart too."""
    pieces, depth, place = [], 0, 0
    for tag in _QUOTE.finditer(html):
        pieces.append(_marked(html[place : tag.start()], depth))
        depth = max(0, depth - 1) if tag[1] else depth + 1
        place = tag.end()
    return "\n".join([*pieces, _marked(html[place:], depth)])


def _marked(html: str, depth: int) -> str:
    if depth == 0 or not _TAG.sub("", html).strip():
        return html
    # A private-use character stands for the mark until the markup around it is gone.
    flat = _BREAK.sub("\n", html.replace("\n", " "))
    plain = (_TAG.sub("", _CELL.sub(" ", line)) for line in flat.split("\n"))
    return "\n".join(f"\ue000{line}" for line in plain if line.strip())
