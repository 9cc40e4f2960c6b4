"""One letter as agents look at it, whether it is in a case or not."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString

from tickets.channels.email.display import MOST_SHOWN, has_remote_images, safe_html, safe_markup
from tickets.channels.email.enclosures import sorted_files
from tickets.channels.email.inbound import letter_of
from tickets.channels.email.originals import Check, LeftOut, checks, is_suspect, left_out
from tickets.models import InboundMail, MailContent
from tickets.services.links import attachment_path

_MOST_TEXT = 100_000


@dataclass(frozen=True)
class FileOfLetter:
    name: str
    size: int
    url: str
    """"" while the letter is in no case: its files are in the letter as it came."""


@dataclass(frozen=True)
class LetterPage:
    mail: InboundMail
    sender: str
    sender_name: str
    to: list[str]
    cc: list[str]
    text: str
    html: SafeString
    is_cut: bool
    """Whether it is longer than what is shown of it."""
    has_remote_images: bool
    checks: list[Check]
    is_suspect: bool
    files: list[FileOfLetter]
    left_out: list[LeftOut]


def letter_page(mail: InboundMail, *, with_remote_images: bool = False) -> LetterPage:
    kept = MailContent.objects.filter(message=mail.message_id).first() if mail.message_id else None
    return _in_case(mail, kept, with_remote_images) if kept else _set_aside(mail, with_remote_images)


def _in_case(mail: InboundMail, kept: MailContent, with_remote_images: bool) -> LetterPage:
    files = [FileOfLetter(one.name, one.size, attachment_path(one)) for one in kept.message.attachments.all()]
    return LetterPage(
        mail=mail,
        sender=kept.sender,
        sender_name=kept.sender_name,
        to=kept.to,
        cc=kept.cc,
        text=kept.text[:_MOST_TEXT],
        html=safe_html(kept.message, with_remote_images=with_remote_images),
        is_cut=_is_cut(kept.text, kept.html),
        has_remote_images=has_remote_images(kept.html),
        checks=checks(kept.authentication),
        is_suspect=is_suspect(kept.authentication),
        files=files,
        left_out=left_out(kept.left_out),
    )


def _set_aside(mail: InboundMail, with_remote_images: bool) -> LetterPage:
    letter = letter_of(mail)
    files, refused = sorted_files(letter.contents.files)
    return LetterPage(
        mail=mail,
        sender=letter.sender.address,
        sender_name=letter.sender.name,
        to=[one.address for one in letter.to],
        cc=[one.address for one in letter.cc],
        text=letter.contents.text[:_MOST_TEXT],
        html=safe_markup(letter.contents.html, {}, with_remote_images=with_remote_images),
        is_cut=_is_cut(letter.contents.text, letter.contents.html),
        has_remote_images=has_remote_images(letter.contents.html),
        checks=checks(letter.authentication.results),
        is_suspect=letter.authentication.is_failed,
        files=[FileOfLetter(str(one.name), one.size, "") for one in files],
        left_out=left_out(refused),
    )


def _is_cut(text: str, html: str) -> bool:
    return len(html) > MOST_SHOWN or len(text) > _MOST_TEXT
