"""What a mail server's status code says: will the next letter to this address fare better (RFC 3463, RFC 5321)?"""

from __future__ import annotations

import re

# Class, subject and detail (RFC 3463, 2). A year, a time or an address of the internet has other numbers or more dots.
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]\d)")
_REPLY = re.compile(r"(?<![\d.])([45])(\d\d)(?=[ \-#])")
# Neither the subject nor the detail says anything (RFC 3463, 3.1: "Other undefined status").
_SAYS_NOTHING = ("0", "0")
_PASSING = {
    ("2", "2"),  # mailbox full
    ("2", "3"),  # the letter is longer than the mailbox takes
    ("3", "1"),  # the mail system is full
    ("3", "4"),  # the letter is too big for the system
    ("4", "7"),  # the time for trying is over
}
_FULL_IN_WORDS = re.compile(
    r"(?:mail ?box|inbox|mail ?folder)\b[^\n]{0,80}\b(?:full|exceeded|out of storage)\b|over ?quota"
    r"|quota[^\n]{0,20}exceed|exceed[^\n]{0,30}quota|exceeded storage|(?:brevlådan|inkorgen|postlådan) är full"
    r"|(?:postkassen|postkassa|innboksen|innboksa|e-postkassen) er full|(?:postkassen|indbakken) er fuld",
    re.IGNORECASE,
)


def is_passing(status: str, said: str) -> bool:
    """Whether a letter failed for a reason that may be gone tomorrow: a full mailbox, a server that was away.

    `status` is the report's Status field, `said` what the server said in words. The more exact of them counts: many
    servers report 5.0.0 and leave the reason to the words.
    """
    code = _exact(status) or _exact(said)
    if code is not None:
        return code[0] == "4" or code[1:] in _PASSING
    if _FULL_IN_WORDS.search(said):
        return True
    reply = _REPLY.search(said)
    # 552: exceeded storage allocation (RFC 5321, 4.2.2).
    return reply is not None and (reply[1] == "4" or reply[2] == "52")


def _exact(text: str) -> tuple[str, str, str] | None:
    found = (match.groups() for match in _ENHANCED.finditer(text))
    return next(
        ((kind, subject, detail) for kind, subject, detail in found if (subject, detail) != _SAYS_NOTHING), None
    )
