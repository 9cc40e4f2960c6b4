# ruff: noqa: E501 (a table: one letter, one line)
"""Header fields as programs and people write them (RFC 5322, RFC 2047, RFC 6532)."""

from __future__ import annotations

from tests.tickets.mail_corpus import HELD, Awkward, Cause, letter

LETTERS = [
    Awkward("plain", "RFC 5322, 3.5", letter(), body="Where is my parcel?", subject="Parcel", is_confirmed=True),
    Awkward("crlf", "RFC 5322, 2.1", letter().replace(b"\n", b"\r\n"), body="Where is my parcel?"),
    Awkward("lone_carriage_returns", "RFC 5322, 2.3 broken", letter(body="One\rTwo"), body="One\nTwo"),
    Awkward(
        "subject_in_q", "RFC 2047, 4.2", letter(Subject="=?iso-8859-1?Q?Min_best=E4llning?="), subject="Min beställning"
    ),
    Awkward("subject_in_b", "RFC 2047, 4.1", letter(Subject="=?UTF-8?B?UsOka25pbmc=?="), subject="Räkning"),
    Awkward(
        "a_character_split_over_two_words", "RFC 2047, 5 broken, as by many programs",
        letter(Subject="=?utf-8?Q?R=C3?= =?utf-8?Q?=A4kning?="), subject="Räkning",
    ),
    Awkward(
        "folded_words", "RFC 2047, 2", letter(Subject="=?utf-8?Q?En_l=C3=A5ng?=\n =?utf-8?Q?_rad?="), subject="En lång rad"
    ),
    Awkward(
        "spaces_in_an_encoded_word", "RFC 2047, 4.2 broken", letter(Subject="=?utf-8?Q?Var =C3=A4r den?="),
        subject="Var är den",
    ),
    Awkward(
        "language_in_an_encoded_word", "RFC 2231, 5", letter(Subject="=?utf-8*sv?Q?R=C3=A4kning?="), subject="Räkning"
    ),
    Awkward("raw_utf8_subject", "RFC 6532, 3.1", letter(Subject="Räkning"), subject="Räkning"),
    Awkward(
        "raw_latin1_subject", "RFC 5322, 2.2 broken", letter().replace(b"Subject: Parcel", b"Subject: R\xe4kning"),
        subject="Räkning",
    ),
    Awkward("unknown_charset_in_subject", "RFC 2047, 6.2", letter(Subject="=?x-nope?Q?Hej?="), subject="Hej"),
    Awkward("broken_base64_in_subject", "RFC 2047, 6.3", letter(Subject="=?utf-8?B?SGVq*?="), subject="Hej"),
    Awkward("no_subject", "RFC 5322, 3.6", letter(Subject=""), subject="", body="Where is my parcel?"),
    Awkward(
        "a_subject_that_says_all", "people on telephones", letter(Subject="Please call me", body=""), body="Please call me"
    ),
    Awkward("a_very_long_subject", "RFC 5322, 2.1.1 broken", letter(Subject="word " * 2000), holds="parcel"),
    Awkward("control_characters_in_subject", "RFC 5322, 2.2", letter(Subject="Par\x07cel\x1b[31m"), subject="Parcel[31m"),
    Awkward("direction_marks_in_subject", "Unicode, bidi overrides", letter(Subject="cod\u202etxt"), subject="codtxt"),
    Awkward(
        "name_in_quotes_with_comma", "RFC 5322, 3.4", letter(From='"Lind, Asa" <asa@example.com>'),
        sender="asa@example.com", customer_name="Lind, Asa",
    ),
    Awkward(
        "encoded_name", "RFC 2047, 5", letter(From="=?utf-8?Q?=C3=85sa_=C3=96berg?= <asa@example.com>"),
        sender="asa@example.com", customer_name="Åsa Öberg",
    ),
    Awkward(
        "raw_name", "RFC 6532", letter(From="Åsa Öberg <asa@example.com>"), sender="asa@example.com", customer_name="Åsa Öberg"
    ),
    Awkward("bare_address", "RFC 5322, 3.4", letter(From="asa@example.com"), sender="asa@example.com"),
    Awkward("comment_in_address", "RFC 5322, 3.2.2", letter(From="asa@example.com (Åsa)"), sender="asa@example.com"),
    Awkward("address_in_capitals", "RFC 5321, 2.4", letter(From="ASA@Example.COM"), sender="asa@example.com"),
    Awkward("folded_from", "RFC 5322, 2.2.3", letter(From="Asa\n <asa@example.com>"), sender="asa@example.com"),
    Awkward("group_as_recipient", "RFC 5322, 3.4", letter(To="undisclosed-recipients:;"), body="Where is my parcel?"),
    Awkward("no_to", "RFC 5322, 3.6", letter(To=""), body="Where is my parcel?"),
    Awkward("no_date", "RFC 5322, 3.6", letter(Date=""), body="Where is my parcel?"),
    Awkward("nonsense_date", "RFC 5322, 3.3", letter(Date="yesterday, I think"), body="Where is my parcel?"),
    Awkward("date_beyond_all_time", "RFC 5322, 3.3", letter(Date="Sun, 22 Nov 99999 10:00:00 +9999"), holds="parcel"),
    Awkward("no_message_id", "RFC 5322, 3.6.4", letter(Message_ID=""), body="Where is my parcel?"),
    Awkward("message_id_without_brackets", "RFC 5322, 3.6.4", letter(Message_ID="abc@example.com"), holds="parcel"),
    Awkward("message_id_with_spaces", "RFC 5322, 3.6.4", letter(Message_ID="<a b\tc@example.com>"), holds="parcel"),
    Awkward("message_id_without_end", "RFC 5322, 2.1.1", letter(Message_ID=f"<{'x' * 900}@example.com>"), holds="parcel"),
    Awkward("no_sender", "RFC 5322, 3.6.2", letter(From=""), outcome=HELD, cause=Cause.NO_SENDER),
    Awkward("an_empty_from", "RFC 5322, 3.6.2", letter(From="<>"), outcome=HELD, cause=Cause.NO_SENDER),
    Awkward("a_name_without_address", "RFC 5322, 3.4", letter(From="Cleo"), outcome=HELD, cause=Cause.NO_SENDER),
    Awkward("an_address_that_is_none", "RFC 5321, 4.1.2", letter(From="cleo@@"), outcome=HELD, cause=Cause.NO_SENDER),
    Awkward(
        "sender_instead_of_from", "RFC 5322, 3.6.2", letter("Sender: asa@example.com", From=""), sender="asa@example.com"
    ),
    Awkward(
        "two_authors", "RFC 5322, 3.6.2", letter(From="asa@example.com, bo@example.com", Sender="asa@example.com"),
        sender="asa@example.com",
    ),
    Awkward(
        "two_from_fields_prove_nothing", "RFC 5322, 3.6; RFC 7489, 6.6.1",
        letter("From: sam@example.com", answers=True), outcome=HELD, cause=Cause.FAILED_AUTHENTICATION,
    ),
    Awkward(
        "two_addresses_in_from_prove_nothing", "RFC 7489, 6.6.1",
        letter(From="cleo@example.com, sam@example.com", answers=True), outcome=HELD, cause=Cause.FAILED_AUTHENTICATION,
    ),
    Awkward("a_hundred_comments_deep", "RFC 5322, 3.2.2", letter(From="(" * 3000 + "asa@example.com"), sender="asa@example.com"),
    Awkward("a_field_without_colon", "RFC 5322, 2.2 broken", letter("this is no field\nX-A: b"), holds=""),
    Awkward("a_space_before_the_first_field", "mbox remains", b" \n" + letter(), body="Where is my parcel?"),
    Awkward("mbox_line_on_top", "RFC 4155", b"From cleo@example.com Sun Nov 22 10:00:00 2026\n" + letter(), holds="parcel"),
    Awkward("many_fields", "no limit in RFC 5322", letter("\n".join(f"X-{n}: {n}" for n in range(3000))), holds="parcel"),
    Awkward("many_recipients", "RFC 5321, 4.5.3.1.8", letter(To=", ".join(f"p{n}@example.com" for n in range(3000))), holds="parcel"),
    Awkward("header_only", "RFC 5322, 3.5", letter(body="", Subject="").rstrip(), outcome=HELD, cause=Cause.EMPTY),
    Awkward(
        "an_answer_address_behind_a_form", "contact forms of websites",
        letter("Reply-To: Asa Berg <asa@example.com>", From="Our site <noreply@shop.example>"), customer_name="Asa Berg",
    ),
    Awkward(
        "a_form_that_writes_in_our_name", "contact forms of websites",
        letter("Reply-To: asa@example.com", From="help@localhost"), holds="parcel",
    ),
]  # fmt: skip
