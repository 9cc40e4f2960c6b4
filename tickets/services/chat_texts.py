"""Everything that a chat's window says by itself, in the reader's language."""

from __future__ import annotations

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from tickets.services.attachments import ALLOWED_TYPES


def window_texts() -> dict[str, str]:
    """Texts for `static/js/chat-window.js`; {braces} are filled in there."""
    return {
        "log": _("The conversation"),
        "you": _("You"),
        "us": _("We"),
        "message": _("Your message"),
        "send": _("Send"),
        "hint": _("Enter sends, Shift + Enter makes a new line."),
        "attach": _("Add files"),
        "connecting": _("Connecting…"),
        "offline": _("No connection. What you write is kept on this device and sent as soon as there is one."),
        "again": _("We try again in {seconds} s."),
        "try_now": _("Try now"),
        "slow": _("The line is slow here: new messages may take a few seconds."),
        "gone": _("This window has been open for too long. Your conversation is on the page of your case."),
        "sending": _("Sending…"),
        "waiting": _("Not sent yet"),
        "refused": _("Not sent: {reason}"),
        "edit": _("Change it"),
        "remove": _("Remove"),
        "retry": _("Send again"),
        "seen": _("Seen"),
        "typing": _("{name} is writing…"),
        "typing_us": _("We are writing…"),
        "unread": _("{count} new"),
        "new_below": _("New messages"),
        "from_mail": _("by e-mail"),
        "file_sending": _("Sending {name}…"),
        "file_failed": _("{name} was not sent. {reason}"),
        "no_connection": _("There is no connection."),
        "too_large": _("“{name}” is too large ({size}). The limit is {limit} a file, so it was not added."),
        "limit": filesizeformat(settings.ATTACHMENT_MAX_BYTES),
        "too_many": _("Up to 5 files can be sent at a time. The ones after that were not added."),
        "address_ask": _("Where can we write to you?"),
        "address_why": _("Then the answer reaches you even when you have left."),
        "address_label": _("Your e-mail"),
        "address_save": _("Save"),
        "address_saved": _("Good. The answer comes to you by e-mail too."),
        "end": _("End the chat"),
        "case": _("Your case {reference}"),
        "solved_ask": _("Was this solved?"),
        "yes": _("Yes, it was"),
        "no": _("No, not yet"),
        "solved_thanks": _("Good to hear. Your case is closed; write here if it comes back."),
        "unsolved": _("Then write what is missing, and we go on."),
        "transcript": _("Send me the chat by e-mail"),
        "transcript_sent": _("It is on its way to you."),
        "failed": _("That did not work. Try again in a moment."),
        "plain": _("Use the plain page instead"),
    }


def window_limits() -> dict[str, object]:
    """What the window checks before it sends; the server checks again."""
    return {
        "max_bytes": settings.ATTACHMENT_MAX_BYTES,
        "max_files": settings.ATTACHMENT_MAX_COUNT,
        "accept": ",".join(ALLOWED_TYPES),
    }
