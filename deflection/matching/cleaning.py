"""A written question without what says nothing of it: greetings, thanks, signatures, quoted mail, order details.

Strangers choose the text: quoted mail is looked for line by line, and each expression stays linear in what it reads.
"""

from __future__ import annotations

import re
from itertools import takewhile

from deflection.matching.details import without_details
from knowledge.search.analysis import clean

# Longer texts cost time and add nothing: what it is about is said in the first few hundred words.
MAX_CHARACTERS = 4000
_MAX_SUBJECT = 300
_LONGEST_HEADER = 250
# A signature is short; what looks like a sign-off far above the end is part of the story.
_LONGEST_SIGNATURE = 800
_LONGEST_FAREWELL = 90

# --- Quoted mail ---------------------------------------------------------------------------------

# Outlook, Apple Mail and Gmail set one of these above what they quote.
_RULE = re.compile(
    r"(?:-{2,20} ?|_{5,40}$|begin |start på |början av |vidaresänt |videresendt )?"
    r"(?:original message|forwarded message|ursprungligt meddelande|vidarebefordrat (?:meddelande|brev)"
    r"|(?:opprinnelig|opprinneleg|videresendt) melding|(?:oprindelig|videresendt) (?:meddelelse|besked)"
    r"|original meddelelse)\b|_{20,60}$",
    re.IGNORECASE,
)
# "On Mon, 3 Dec 2024 at 10:00, Svar <help@example.com> wrote:", in the four languages, perhaps over two lines.
_WROTE = re.compile(r"(?:\b(?:wrote|writes)|\bskrev\b[^\n:]{0,120}|\bskrev)\s?:$", re.IGNORECASE)
_WROTE_BEGINS = re.compile(
    r"(?:on|den|d\.|le|\d|(?:man|tir|tis|ons|tor|fre|lør|lör|søn|sön)[a-zåäöæø]{0,4}\b)", re.IGNORECASE
)
_HAS_DATE = re.compile(r"\d{1,2}[ .:/-]|\d{4}")
_FROM = re.compile(r"\*?(?:from|från|fra)\*? ?: ?\*? ?\S", re.IGNORECASE)
_SENT = re.compile(r"\*?(?:sent|date|skickat|datum|sendt|dato|to|till|til|subject|ämne|emne)\*? ?: ?", re.IGNORECASE)

# --- Beginning and end ---------------------------------------------------------------------------

_GREETING = re.compile(
    r"(?:hi|hello|hey|hiya|dear|greetings|to whom it may concern|good (?:morning|day|afternoon|evening)"
    r"|hej(?:san)?(?: hej)?|hallå|tjena|tja|god (?:dag|morgon|morgen|kväll|kveld|aften|eftermiddag|ettermiddag)"
    r"|goddag|godkväll|hei(?:sann)?|hallo|halløj|dav|kära?|bästa|kjære|kære|bedste)\b"
    r"(?: (?:there|again|all|everyone|team|igen|igjen|alle|alla|på er|med jer|dere|support|sir|madam)\b){0,3}",
    re.IGNORECASE,
)
# After "Hi": the name of whoever reads it, as names are written, up to a stop.
_ADDRESSEE = re.compile(
    r"[ ]{1,3}(?:(?:[A-ZÅÄÖÆØ][\w'’-]{0,20}|customer service|customer support|team|support|kundtjänst|kundservice"
    r"|kundeservice|sir|madam|or|och|og|and)[ ]{0,2}){1,4}(?:[\n!,:;]|\.(?=\s)|$)\s*"
)
_STOP = re.compile(r"[ \t]{0,3}[\n.!,:;-]{1,5}\s*")
_FORMULA = re.compile(
    r"(?:thank you|thanks|many thanks|cheers|thx|ty|please help(?: me)?|help(?: me)?(?: please)?|please|urgent|asap"
    r"|(?:i )?hope (?:you(?:'re| are)|this|all|everything)\b.{0,60}|(?:i )?hope to hear\b.{0,60}"
    r"|(?:i(?:'m| am) )?look(?:ing)? forward to\b.{0,60}|(?:many )?thank(?:s| you)\b(?: (?:in advance|so much|very much"
    r"|a lot|again|for (?:your|the|any|all)\b.{0,50}))+|have a (?:nice|great|good)\b.{0,30}|how are you(?: today)?"
    r"|sorry to (?:bother|trouble|disturb) you|i have a (?:quick )?question"
    r"|(?:stort |många |tusen )?tack(?: så mycket| snälla| på förhand| för (?:hjälpen|svar|snabbt svar|hjälp))*"
    r"|hoppas (?:att )?(?:ni|du|allt)\b.{0,60}|(?:jag )?ser fram emot\b.{0,60}|(?:snälla|vänligen)(?: hjälp(?: mig)?)?"
    r"|hjälp(?: mig)?(?: snälla)?|ha en (?:bra|fin|trevlig)\b.{0,30}|tacksam för (?:svar|hjälp)\b.{0,40}"
    r"|jag har en (?:snabb )?fråga|trevlig (?:helg|dag|kväll)"
    r"|(?:tusen |mange |på forhånd )?takk(?: skal dere ha| så mye| på forhånd| for (?:hjelpen|svar|raskt svar|hjelp))*"
    r"|håper (?:dere|du|alt|at)\b.{0,60}|ser (?:frem|fram) til\b.{0,60}|(?:vær så snill|vennligst)(?: hjelp(?: meg)?)?"
    r"|hjelp(?: meg)?|ha en (?:fin|god)\b.{0,30}|jeg har et (?:lite )?spørsmål|god (?:helg|dag videre|weekend)"
    r"|(?:tusind |mange |på forhånd )?tak(?: skal I have| for hjælpen| på forhånd| for (?:svar|hurtigt svar|hjælp))*"
    r"|håber (?:I|du|alt|at)\b.{0,60}|(?:jeg )?ser frem til\b.{0,60}|hjælp(?: mig)?|hav en (?:god|dejlig)\b.{0,30}"
    r"|jeg har et (?:lille )?spørgsmål)",
    re.IGNORECASE,
)
_FAREWELL = (
    r"(?:(?:with )?(?:best|kind(?:est)?|warm(?:est)?) (?:regards|wishes)|yours (?:sincerely|faithfully|truly)"
    r"|(?:med )?(?:vänliga?|bästa|varma) hälsning(?:ar|en)?|m\.?v\.?h|v\.?h|k\.?h|d\.?b\.?h"
    r"|(?:med )?(?:vennlig|beste|hjertelig|venlig|kærlig) hilsen"
    r"|(?:de )?(?:bedste|beste|kærlige|venlige) (?:hilsner|hilsener))\b"
)
# On a line of their own these end a mail too; within a sentence they may be part of it.
_LIGHT_FAREWELL = (
    r"(?:regards|best|sincerely|(?:many )?thanks(?: in advance)?|thank you(?: in advance)?|cheers|br|kr"
    r"|hälsningar|hälsar|(?:stort )?tack(?: på förhand)?|hilsen|hilsner"
    r"|(?:på forhånd |tusen |mange |tusind )?takk?(?: på forhånd)?)"
)
_SIGN_OFF = re.compile(_FAREWELL, re.IGNORECASE)
_LIGHT_SIGN_OFF = re.compile(
    rf"{_LIGHT_FAREWELL}(?:[,!.]{{0,3}}$|[,!.]? (?:(?-i:[A-ZÅÄÖÆØ])[\w.'’-]{{0,20}} ?){{1,3}}$)", re.IGNORECASE
)
_SIGN_OFF_AT_END = re.compile(rf"(?:(?<=[\s.!?,])|^){_FAREWELL}[^?!]{{0,90}}$", re.IGNORECASE)
_DEVICE = re.compile(
    r"(?:sent (?:from|via|with)|get outlook for|skickat från|skickades från|hämta outlook|sendt (?:fra|med)"
    r"|hent outlook|få outlook|skaff(?: deg)? outlook|download outlook)\b[^\n]{0,80}$",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"p\.? ?s\.?[ :.]", re.IGNORECASE)
_REPLY_MARK = re.compile(r"(?:(?:re|fw|fwd|sv|vs|vb|vidarebefordrat|svar|aw)(?:\[\d{1,2}\])? ?: ?){1,8}", re.IGNORECASE)
_SAYS_NOTHING = re.compile(
    r"(?:question|help|support|problem|hi|hello|urgent|contact|no subject|fråga|en fråga|hjälp|hej|kontakt|spørsmål"
    r"|et spørsmål|hjelp|hei|spørgsmål|et spørgsmål|hjælp|henvendelse|ärende)[ .!?]{0,5}",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]{1,160}[.!?\n]{1,5}\s*")
_MOST_FORMULAS = 6


def question_of(text: str, subject: str = "") -> str:
    """What the text asks, as far as wording can tell. A text that is all greeting is kept as it is."""
    text = clean(text)[:MAX_CHARACTERS].strip()
    body = without_details(_without_ends(_without_quotes(text))) or text
    about = _subject_of(subject)
    if about and not body.casefold().startswith(about.casefold()):
        return f"{about}\n{body}".strip()
    return body


def _subject_of(subject: str) -> str:
    subject = " ".join(clean(subject)[:_MAX_SUBJECT].split())
    mark = _REPLY_MARK.match(subject)
    subject = without_details(subject[mark.end() :] if mark else subject)
    return "" if _SAYS_NOTHING.fullmatch(subject) else subject


def _without_quotes(text: str) -> str:
    """The text above what it quotes; where it stands below or is itself what was passed on, that text."""
    lines = [line.strip() for line in text.split("\n")]
    own = [line for line in lines if not line.startswith(">")]
    cut = next((place for place in range(len(own)) if _begins_quote(own, place)), len(own))
    above = "\n".join(own[:cut]).strip()
    if _without_ends(above):
        return above
    below = [line for line in own[cut:] if not (_is_header(line) or _RULE.match(line))]
    return "\n".join(below).strip() or "\n".join(line.lstrip("> ") for line in lines)


def _begins_quote(lines: list[str], place: int) -> bool:
    line = lines[place]
    if not line or len(line) > _LONGEST_HEADER:
        return False
    if _RULE.match(line):
        return True
    if _FROM.match(line):
        return sum(bool(_SENT.match(other[:_LONGEST_HEADER])) for other in lines[place + 1 : place + 5]) >= 2
    if not _WROTE_BEGINS.match(line) or not _HAS_DATE.search(line):
        return False
    following = lines[place + 1][:_LONGEST_HEADER] if place + 1 < len(lines) else ""
    return bool(_WROTE.search(line) or _WROTE.search(f"{line} {following}"))


def _is_header(line: str) -> bool:
    line = line[:_LONGEST_HEADER]
    return bool(_FROM.match(line) or _SENT.match(line) or _WROTE.search(line))


def _without_ends(text: str) -> str:
    """Without greeting and politeness before, and thanks, sign-off and signature after."""
    text, postscript = _without_signature(text)
    for _ in range(_MOST_FORMULAS):
        shorter = _without_formula_after(_without_formula_before(text.strip()))
        if shorter == text:
            break
        text = shorter
    return f"{text}\n{postscript}".strip()


def _without_signature(text: str) -> tuple[str, str]:
    """The text above its sign-off, and the postscript below it if there is one."""
    lines = text.split("\n")
    below = len(text)
    for place, line in enumerate(lines):
        below -= len(line) + 1
        bare = line.strip()
        if below <= _LONGEST_SIGNATURE and _ends_letter(bare, lines[place + 1 :]):
            after = (one for one in lines[place + 1 :] if _POSTSCRIPT.match(one.strip()))
            return "\n".join(lines[:place]), next(after, "")
    found = _SIGN_OFF_AT_END.search(text, max(0, len(text) - 150))
    return (text[: found.start()] if found else text), ""


def _ends_letter(line: str, below: list[str]) -> bool:
    if not line or len(line) > _LONGEST_FAREWELL:
        return False
    if line == "--" or _DEVICE.match(line) or _SIGN_OFF.match(line):
        return True
    # A word of thanks may as well begin the next sentence.
    rest = takewhile(lambda one: not _POSTSCRIPT.match(one.strip()), below)
    return bool(_LIGHT_SIGN_OFF.match(line)) and not any("?" in one for one in rest)


def _without_formula_before(text: str) -> str:
    greeting = _GREETING.match(text)
    if greeting:
        rest = text[greeting.end() :]
        stop = _STOP.match(rest) or _ADDRESSEE.match(rest)
        return rest[stop.end() :] if stop else rest.strip()
    sentence = _SENTENCE.match(text)
    if sentence and _FORMULA.fullmatch(sentence[0].strip(" .!?,\n")):
        return text[sentence.end() :]
    return text


def _without_formula_after(text: str) -> str:
    end = len(text.rstrip(" .!?,:)(-\n"))
    start = max(text.rfind(sign, max(0, end - 160), end) for sign in ".!?\n")
    last = text[start + 1 : end].strip(" ,")
    return text[: start + 1].strip() if start > 0 and _FORMULA.fullmatch(last) else text
