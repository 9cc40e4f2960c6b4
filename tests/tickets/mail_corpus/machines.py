# ruff: noqa: E501 (a table: one letter, one line)
"""What machines write: automatic answers, lists, returned letters, receipts (RFC 3834, 3464, 2919, 2369, 8098)."""

from __future__ import annotations

from tests.tickets.mail_corpus import AUTOMATIC, BOUNCE, OPENED, TAKEN, Awkward, Cause, letter, mixed, text_part


def _report(
    status: str, *, returned: str = "Message-ID: @@OURID@@\nSubject: Your case", kind: str = "text/rfc822-headers"
) -> bytes:
    return mixed(
        text_part("Your message could not be delivered."),
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\n{status}",
        f"Content-Type: {kind}\n\n{returned}",
        kind="report; report-type=delivery-status",
        From="Mail System <MAILER-DAEMON@example.com>",
        Subject="Undelivered Mail Returned to Sender",
    )


FAILED = "Final-Recipient: rfc822; cleo@example.com\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 No such user"


def _sloppy(subject: str, text: str, sender: str = "MAILER-DAEMON@example.com") -> bytes:
    return letter(From=sender, Subject=subject, body=text)


LETTERS = [
    Awkward("auto_replied", "RFC 3834, 5", letter("Auto-Submitted: auto-replied", answers=True), AUTOMATIC, Cause.AUTO_REPLY),
    Awkward("auto_generated_with_comment", "RFC 3834, 5", letter("Auto-Submitted: auto-generated (vacation); x=y", answers=True), AUTOMATIC, Cause.AUTO_REPLY),
    Awkward("auto_notified", "RFC 5436, 2.7.1", letter("Auto-Submitted: auto-notified"), AUTOMATIC, Cause.AUTO_REPLY),
    Awkward("auto_submitted_no", "RFC 3834, 5", letter("Auto-Submitted: no", answers=True), TAKEN),
    Awkward("precedence_auto_reply", "older than RFC 3834", letter("Precedence: auto_reply", answers=True), AUTOMATIC, Cause.AUTO_REPLY),
    Awkward("precedence_bulk", "RFC 3834, 3.1.8", letter("Precedence: bulk", answers=True), AUTOMATIC, Cause.LIST),
    Awkward("precedence_junk_in_capitals", "older than RFC 3834", letter("Precedence: JUNK"), AUTOMATIC, Cause.LIST),
    Awkward("x_autoreply", "older than RFC 3834", letter("X-Autoreply: yes", answers=True), AUTOMATIC, Cause.AUTO_REPLY),
    Awkward("x_autorespond", "older than RFC 3834", letter("X-Autorespond: Re: your case", answers=True), AUTOMATIC, Cause.AUTO_REPLY),
    Awkward("empty_return_path", "RFC 5321, 4.5.5", letter("Return-Path: <>", answers=True), AUTOMATIC, Cause.AUTO_REPLY),
    Awkward("mailer_daemon_says_hello", "RFC 5321, 4.5.5", letter(From="mailer-daemon@example.com"), AUTOMATIC, Cause.AUTO_REPLY),
    Awkward("away_in_english", "Exchange", letter("Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All", Subject="Automatic reply: Parcel", answers=True), AUTOMATIC, Cause.OUT_OF_OFFICE),
    Awkward("away_in_swedish", "Exchange", letter("X-Auto-Response-Suppress: All", Subject="Autosvar: Paket", answers=True), AUTOMATIC, Cause.OUT_OF_OFFICE),
    Awkward("away_in_norwegian", "Exchange", letter("X-Auto-Response-Suppress: All", Subject="Automatisk svar: Pakke", answers=True), AUTOMATIC, Cause.OUT_OF_OFFICE),
    Awkward("away_in_danish", "Exchange", letter("X-Auto-Response-Suppress: All", Subject="Automatisk svar: Ferie", answers=True), AUTOMATIC, Cause.OUT_OF_OFFICE),
    Awkward("away_without_saying_so", "programs that follow no rule", letter("In-Reply-To: @@OURID@@", Subject="Frånvarande: Re: Paket", body="Jag är åter på måndag."), AUTOMATIC, Cause.OUT_OF_OFFICE),
    Awkward("a_person_asks_about_a_holiday", "a subject alone is no proof", letter(Subject="On holiday next week, can you deliver?"), OPENED, is_confirmed=True),
    Awkward("asks_not_to_be_answered_by_machines", "MS-OXCMAIL", letter("X-Auto-Response-Suppress: All"), OPENED, is_confirmed=False),
    Awkward("a_newsletter", "RFC 2369", letter("List-Id: <news.shop.example>\nList-Unsubscribe: <https://shop.example/u>", From="news@shop.example"), AUTOMATIC, Cause.LIST),
    Awkward("answer_from_within_a_list", "RFC 2919", letter("List-Id: <team.example.com>", answers=True), TAKEN),
    Awkward("our_address_is_a_list", "Google Groups", letter("Precedence: list\nList-Id: <help.localhost>\nList-Post: <mailto:help@localhost>"), OPENED),
    Awkward("bounce", "RFC 3464, 2.3.3", _report(FAILED), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("bounce_with_the_whole_letter", "RFC 3462, 2", _report(FAILED, kind="message/rfc822"), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("bounce_without_the_letter", "RFC 3462, 2", _report(FAILED, returned="Subject: x"), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("bounce_in_utf8", "RFC 6533", _report(FAILED).replace(b"message/delivery-status", b"message/global-delivery-status"), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("bounce_without_an_action", "RFC 3464, 2.3.3 broken", _report("Final-Recipient: rfc822; cleo@example.com\nStatus: 5.0.0"), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("delayed", "RFC 3464, 2.3.3", _report(FAILED.replace("failed", "delayed").replace("5.1.1", "4.4.1")), BOUNCE, Cause.BOUNCE_DELAYED),
    Awkward("delivered", "RFC 3464, 2.3.3", _report("Final-Recipient: rfc822; cleo@example.com\nAction: delivered\nStatus: 2.0.0"), AUTOMATIC, Cause.RECEIPT),
    Awkward("relayed", "RFC 3464, 2.3.3", _report("Final-Recipient: rfc822; cleo@example.com\nAction: relayed\nStatus: 2.0.0"), AUTOMATIC, Cause.RECEIPT),
    Awkward("bounce_about_a_letter_that_is_not_ours", "backscatter", _report(FAILED, returned="Message-ID: <x@evil.example>"), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("bounce_with_an_empty_report", "RFC 3464 broken", _report(""), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("bounce_in_words", "qmail", _sloppy("failure notice", "Hi. This is the qmail-send program.\n<cleo@example.com>:\n550 5.1.1 no such user\n\nMessage-ID: @@OURID@@"), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("bounce_in_swedish_words", "Exchange", _sloppy("Det gick inte att leverera", "Meddelandet kunde inte levereras.\n@@OURID@@", "postmaster@example.com"), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("delay_in_words", "sendmail", _sloppy("Warning: could not send message for past 4 hours", "We will keep trying.\n@@OURID@@"), BOUNCE, Cause.BOUNCE_DELAYED),
    Awkward("a_customer_writes_about_a_bounce", "people", letter(Subject="Undelivered Mail Returned to Sender", body="I got this: 550 5.1.1. Why?"), OPENED),
    Awkward(
        "read_receipt", "RFC 8098, 3",
        mixed(text_part("Your message was read."), "Content-Type: message/disposition-notification\n\nReporting-UA: Outlook\nFinal-Recipient: rfc822;cleo@example.com\nOriginal-Message-ID: @@OURID@@\nDisposition: manual-action/MDN-sent-manually; displayed", kind="report; report-type=disposition-notification", Subject="Read: Your case"),
        AUTOMATIC, Cause.RECEIPT,
    ),
    Awkward("report_of_abuse", "RFC 5965", mixed(text_part("Abuse"), "Content-Type: message/feedback-report\n\nFeedback-Type: abuse", "Content-Type: message/rfc822\n\nSubject: x\n\ny", kind="report; report-type=feedback-report", From="fbl@example.com"), OPENED),
    Awkward("no_reply_address", "machines that hide", letter(From="no-reply@shop.example"), OPENED, is_confirmed=False),
]  # fmt: skip
