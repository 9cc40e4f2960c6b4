# ruff: noqa: E501 (a table: one letter, one line)
"""Letters that answer, or seem to (RFC 5322, 3.6.4; RFC 5233; RFC 8601)."""

from __future__ import annotations

from tests.tickets.mail_corpus import AUTOMATIC, HELD, LINKED, OPENED, TAKEN, Awkward, Cause, letter, mixed, text_part

FORGED = "help+c1-aaaaaaaaaaaaaaaa@localhost"
_PASS = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.com"
_FAIL = "Authentication-Results: mx.example.org; dmarc=fail header.from=example.com"


LETTERS = [
    Awkward("token_in_to", "RFC 5233", letter(answers=True), TAKEN),
    Awkward("token_in_capitals", "RFC 5321, 2.4", letter(answers=True, To="@@REPLYUPPER@@"), TAKEN),
    Awkward("token_with_name", "RFC 5322, 3.4", letter(To="Help <@@REPLY@@>"), TAKEN),
    Awkward("token_in_cc", "RFC 5322, 3.6.3", letter("Cc: @@REPLY@@"), TAKEN),
    Awkward("token_in_delivered_to", "qmail, Postfix", letter("Delivered-To: @@REPLY@@"), TAKEN),
    Awkward("token_in_x_original_to", "Postfix", letter("X-Original-To: @@REPLY@@"), TAKEN),
    Awkward("token_in_envelope_to", "Exim", letter("Envelope-To: @@REPLY@@"), TAKEN),
    Awkward("token_among_many_recipients", "RFC 5322, 3.6.3", letter(To="a@example.com, @@REPLY@@, b@example.com"), TAKEN),
    Awkward("in_reply_to", "RFC 5322, 3.6.4", letter("In-Reply-To: @@OURID@@"), TAKEN),
    Awkward("references_alone", "RFC 5322, 3.6.4", letter("References: <x@example.com> @@OURID@@ <y@example.com>"), TAKEN),
    Awkward("references_folded_and_in_commas", "RFC 5322, 3.6.4 broken", letter("References: <x@example.com>,\n @@OURID@@,\n <y@example.com>"), TAKEN),
    Awkward("words_around_in_reply_to", "RFC 822, 4.6.2", letter('In-Reply-To: "Your message of Sunday" @@OURID@@'), TAKEN),
    Awkward("answer_to_their_own_letter", "RFC 5322, 3.6.4", letter("In-Reply-To: @@THEIRID@@"), TAKEN),
    Awkward("a_forged_token", "own rule: signed", letter(To=FORGED), OPENED),
    Awkward("a_forged_message_id", "own rule: signed", letter("In-Reply-To: <0.c1-aaaaaaaaaaaaaaaa@localhost>"), OPENED),
    Awkward("the_number_in_the_subject", "own rule: never by subject", letter(Subject="Re: @@REFERENCE@@"), OPENED),
    Awkward("thread_index_alone", "MS-OXOMSG, 2.2.1.3", letter("Thread-Index: AdAbcdefghijklmnopqrstuvwxyz\nThread-Topic: Parcel", Subject="Re: Parcel"), OPENED),
    Awkward("a_stranger_with_the_address", "own rule: participants only", letter(From="sam@example.com", answers=True), LINKED, Cause.NOT_PARTICIPANT),
    Awkward("a_stranger_with_the_message_id", "newsletter answers, mailing lists", letter("References: @@OURID@@", From="sam@example.com"), LINKED, Cause.NOT_PARTICIPANT),
    Awkward("a_stranger_in_the_customers_name", "display names prove nothing", letter(From='"cleo@example.com" <sam@example.com>', answers=True), LINKED, Cause.NOT_PARTICIPANT),
    Awkward("somebody_on_copy", "own rule: participants", letter(From="dora@example.com", answers=True), TAKEN),
    Awkward("another_address_of_the_customer", "own rule: identities", letter(From="cleo.work@example.com", answers=True), TAKEN),
    Awkward("sender_field_of_a_stranger", "RFC 5322, 3.6.2", letter("Sender: sam@example.com", answers=True), TAKEN),
    Awkward("proven_sender", "RFC 7489", letter(_PASS, answers=True), TAKEN),
    Awkward("forged_sender", "RFC 7489", letter(_FAIL, answers=True), HELD, Cause.FAILED_AUTHENTICATION),
    Awkward("forged_sender_of_a_new_case", "RFC 7489", letter(_FAIL), OPENED, Cause.FAILED_AUTHENTICATION, is_confirmed=False),
    Awkward("spf_and_dkim_failed", "RFC 8601, 2.7", letter("Authentication-Results: mx.example.org; spf=fail smtp.mailfrom=example.com; dkim=fail header.d=example.com", answers=True), HELD, Cause.FAILED_AUTHENTICATION),
    Awkward("spf_failed_and_nothing_signed", "RFC 7208, 8.4", letter("Authentication-Results: mx.example.org; spf=fail smtp.mailfrom=example.com; dkim=none", answers=True), HELD, Cause.FAILED_AUTHENTICATION),
    Awkward("spf_failed_on_a_forwarded_letter_that_is_signed", "RFC 7489, 3.1", letter("Authentication-Results: mx.example.org; spf=fail smtp.mailfrom=forwarder.net; dkim=pass header.d=example.com", answers=True), TAKEN),
    Awkward("signed_by_somebody_else", "RFC 7489, 3.1.1", letter("Authentication-Results: mx.example.org; spf=fail smtp.mailfrom=example.com; dkim=pass header.d=evil.example.net", answers=True), HELD, Cause.FAILED_AUTHENTICATION),
    Awkward("dmarc_passed_though_spf_failed", "RFC 7489, 3.1", letter("Authentication-Results: mx.example.org; spf=fail smtp.mailfrom=x.net; dkim=pass header.d=example.com; dmarc=pass", answers=True), TAKEN),
    Awkward("no_results_at_all", "RFC 8601, 2.2", letter("Authentication-Results: mx.example.org; none", answers=True), TAKEN),
    Awkward("stamps_of_another_server_do_not_count", "RFC 8601, 5", letter("Authentication-Results: mx.other.example; dmarc=fail", answers=True), TAKEN),
    Awkward("a_stamp_that_the_sender_wrote", "RFC 8601, 7.1", letter(f"{_FAIL}\nReceived: from evil.example by mx.example.org\nAuthentication-Results: mx.example.org; dmarc=pass", answers=True), HELD, Cause.FAILED_AUTHENTICATION),
    Awkward("results_within_a_quoted_address", "RFC 8601, 2.2", letter('Authentication-Results: mx.example.org; spf=fail smtp.mailfrom="a; dmarc=pass; b"@example.com', answers=True), HELD, Cause.FAILED_AUTHENTICATION),
    Awkward("results_within_a_comment", "RFC 8601, 2.2", letter("Authentication-Results: mx.example.org (x; dmarc=pass); dmarc=fail (p=none; dmarc=pass)", answers=True), HELD, Cause.FAILED_AUTHENTICATION),
    Awkward("a_forward_of_the_customers_own", "people", letter(Subject="Fwd: Offer", body="---------- Forwarded message ---------\nFrom: Bo <bo@example.com>\nSubject: Offer\n\nBuy now"), OPENED, sender="cleo@example.com", holds="Buy now"),
    Awkward("a_forward_of_a_letter_in_the_thread", "Gmail keeps References", letter("References: @@OURID@@", Subject="Fwd: Parcel"), LINKED),
    Awkward("a_forward_to_the_answer_address", "own rule: the address decides", letter(Subject="Fwd: Parcel", answers=True), TAKEN),
    Awkward(
        "an_agent_passes_a_letter_on", "own rule", letter(From="ada@example.com", Subject="Fwd: Lost", body="Please take this.\n\n---------- Forwarded message ---------\nFrom: Bo Berg <bo@example.com>\nDate: Sun\nSubject: Lost\nTo: ada@example.com\n\nIt is lost."),
        OPENED, Cause.FORWARDED, body="It is lost.", sender="bo@example.com", customer_name="Bo Berg", subject="Lost", is_confirmed=False,
    ),
    Awkward(
        "an_agent_passes_a_letter_on_from_outlook", "Outlook, Swedish", letter(From="ada@example.com", Subject="VB: Borta", body="Kan ni ta den?\n\nFrån: Bo Berg <bo@example.com>\nSkickat: söndag\nTill: Ada\nÄmne: Borta\n\nPaketet är borta."),
        OPENED, Cause.FORWARDED, body="Paketet är borta.", sender="bo@example.com", language="sv",
    ),
    Awkward(
        "an_agent_passes_a_letter_on_as_a_file", "RFC 2046, 5.2.1",
        mixed(text_part("Please take this."), "Content-Type: message/rfc822\n\nFrom: Bo Berg <bo@example.com>\nMessage-ID: <bo1@example.com>\nSubject: Lost\n\nIt is lost.", From="ada@example.com", Subject="FW: Lost"),
        OPENED, Cause.FORWARDED, body="It is lost.", sender="bo@example.com", files=("Lost.eml",),
    ),
    Awkward("a_forged_agent_passes_nothing_on", "RFC 7489", letter(_FAIL, From="ada@example.com", Subject="Fwd: Lost", body="---------- Forwarded message ---------\nFrom: Bo <bo@example.com>\n\nLost."), OPENED, Cause.FAILED_AUTHENTICATION, sender="ada@example.com", is_confirmed=False),
    Awkward("another_matter_in_an_open_case", "own rule: an open case takes it", letter(Subject="Quite another thing", answers=True), TAKEN),
    Awkward("our_own_letter_comes_back", "RFC 3834, 2", letter(From="help@localhost"), AUTOMATIC, Cause.OWN_MAIL),
    Awkward("sent_in_our_name_with_our_token", "RFC 3834, 2", letter(From="help+x@localhost", answers=True), AUTOMATIC, Cause.OWN_MAIL),
    Awkward("marked_as_spam", "SpamAssassin", letter("X-Spam-Flag: YES"), OPENED, is_confirmed=False),
]  # fmt: skip
