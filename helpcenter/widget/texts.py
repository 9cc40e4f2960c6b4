"""What the widget says by itself, in the active language."""

from __future__ import annotations

from django.utils.translation import gettext as _


def widget_texts() -> dict[str, str]:
    return _frame() | _answers() | _people()


def _frame() -> dict[str, str]:
    return {
        "help": _("Help"),
        "close": _("Close"),
        "back": _("Back"),
        "loading": _("One moment …"),
        "not_loaded": _("This did not load. Please try again, or take another way below."),
        "open_page": _("Open as a page"),
    }


def _answers() -> dict[str, str]:
    return {
        "search": _("Search for an answer"),
        "none": _("Nothing found. A person can help you."),
        "found": _("Answers found: {count}"),
        "corrected": _("Results for “{query}”"),
        "meant": _("Did you mean “{query}”?"),
        "suggestions": _("This may answer it"),
        "not_this": _("Not this one"),
        "picture": _("Picture: {text}"),
        "answered": _("Did this answer your question?"),
        "yes": _("Yes, thanks"),
        "no": _("Not quite"),
        "thanks": _("Good to hear."),
    }


def _people() -> dict[str, str]:
    return {
        "people": _("Talk to a person"),
        "more": _("All ways"),
        "write": _("Write to us"),
        "message": _("What can we help you with?"),
        "email": _("Your e-mail"),
        "name": _("Your name (optional)"),
        "send": _("Send"),
        "files": _("Do you have files to send? Use our contact page."),
        "message_missing": _("Write a few words first."),
        "email_wrong": _("Write your e-mail address, so that the answer reaches you."),
        "failed": _("It did not get through. What you wrote is kept: try again, or take another way below."),
        "too_often": _("That was a lot at once. What you wrote is kept: try again in a minute."),
        "sent": _("We have your message"),
        "sent_more": _("Your case is {reference}. A person reads it, and the answer comes by e-mail."),
        "follow": _("Follow your case"),
        "write_again": _("Write about something else"),
        "chat": _("Chat"),
        "chat_message": _("What is it about?"),
        "chat_email": _("E-mail address, in case we are cut off (optional)"),
        "chat_begin": _("Start the chat"),
        "chat_again": _("Open the chat"),
    }
