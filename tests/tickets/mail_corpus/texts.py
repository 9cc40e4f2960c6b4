# ruff: noqa: E501 (a table: one letter, one line)
"""Texts in charsets and encodings, and answers with what they quote (RFC 2045, RFC 3676)."""

from __future__ import annotations

import base64

from tests.tickets.mail_corpus import HELD, TAKEN, Awkward, Cause, letter, mixed, text_part


def _in(charset: str, data: bytes, encoding: str = "8bit") -> bytes:
    kind = f"Content-Type: text/plain; charset={charset}" if charset else "Content-Type: text/plain"
    return letter(f"MIME-Version: 1.0\n{kind}\nContent-Transfer-Encoding: {encoding}", data)


def _answer(text: str, **fields: str) -> bytes:
    return letter("Content-Type: text/plain; charset=utf-8", text, answers=True, **fields)


SWEDISH = "Jag vill byta storlek på mina skor, för de är för små."

LETTERS = [
    Awkward("utf8", "RFC 3629", _in("utf-8", SWEDISH.encode()), body=SWEDISH, language="sv"),
    Awkward("latin1", "ISO 8859-1", _in("iso-8859-1", SWEDISH.encode("latin-1")), body=SWEDISH, language="sv"),
    Awkward("windows_quotes_called_latin1", "Outlook", _in("iso-8859-1", b"It\x92s late \x96 why?"), body="It’s late – why?"),
    Awkward("latin1_called_utf8", "wrong label", _in("utf-8", SWEDISH.encode("latin-1")), body=SWEDISH),
    Awkward("utf8_called_latin1", "wrong label", _in("iso-8859-1", SWEDISH.encode()), body=SWEDISH),
    Awkward("utf8_called_ascii", "RFC 2045, 5.2 broken", _in("us-ascii", SWEDISH.encode()), body=SWEDISH),
    Awkward("utf8_without_a_label", "RFC 2045, 5.2", _in("", SWEDISH.encode()), body=SWEDISH),
    Awkward("latin1_without_a_label", "RFC 2045, 5.2", _in("", SWEDISH.encode("latin-1")), body=SWEDISH),
    Awkward("unknown_charset", "RFC 2049, 2", _in("x-nope", b"Hello there"), body="Hello there"),
    Awkward("charset_that_is_no_charset", "Python codecs", _in("rot13", b"Hello there"), body="Hello there"),
    Awkward("charset_that_takes_for_ever", "punycode", _in("punycode", b"a-" * 5000), holds="a-a-"),
    Awkward("charset_in_quotes_and_spaces", "RFC 2045, 5.1", _in('" utf-8 "', SWEDISH.encode()), body=SWEDISH),
    Awkward("utf7", "RFC 2152", _in("utf-7", "Är den här?".encode("utf-7")), body="Är den här?"),
    Awkward("utf16_with_a_mark", "RFC 2781", _in("utf-16", base64.b64encode("Är den här?".encode("utf-16")), "base64"), body="Är den här?"),
    Awkward("utf8_with_a_mark", "RFC 3629, 6", _in("utf-8", b"\xef\xbb\xbfHello"), body="Hello"),
    Awkward("japanese", "RFC 1468", _in("iso-2022-jp", "荷物はどこ".encode("iso-2022-jp")), body="荷物はどこ"),
    Awkward("chinese", "GB 18030", _in("gb2312", "包裹在哪里".encode("gb18030")), body="包裹在哪里"),
    Awkward("half_a_character", "RFC 3629, 3", _in("utf-8", "små".encode() + b"\xc3"), holds="små"),
    Awkward("nul_bytes", "RFC 5322, 3.1", _in("utf-8", b"Hel\x00lo"), body="Hello"),
    Awkward("quoted_printable", "RFC 2045, 6.7", _in("utf-8", b"sm=C3=A5 =\nskor", "quoted-printable"), body="små skor"),
    Awkward("broken_quoted_printable", "RFC 2045, 6.7", _in("utf-8", b"50% =ZZ off = =C3=A5", "quoted-printable"), holds="å"),
    Awkward("base64_text", "RFC 2045, 6.8", _in("utf-8", base64.b64encode(SWEDISH.encode()), "base64"), body=SWEDISH),
    Awkward("base64_without_padding", "RFC 2045, 6.8", _in("utf-8", b"SGVsbG8", "base64"), body="Hello"),
    Awkward("base64_with_foreign_letters", "RFC 2045, 6.8", _in("utf-8", b"SGV*sb\nG8=!", "base64"), body="Hello"),
    Awkward("base64_that_is_none", "RFC 2045, 6.8", _in("utf-8", b"!!! ???", "base64"), body="Parcel"),
    Awkward("unknown_encoding", "RFC 2045, 6.4", _in("utf-8", b"Hello", "x-magic"), body="Hello"),
    Awkward("encoding_in_capitals", "RFC 2045, 6.1", _in("utf-8", b"SGVsbG8=", "BASE64"), body="Hello"),
    Awkward(
        "flowed", "RFC 3676, 4.1", letter("Content-Type: text/plain; format=flowed", "A line that \ngoes on.\nAnother."),
        body="A line that goes on.\nAnother.",
    ),
    Awkward(
        "flowed_without_spaces", "RFC 3676, 4.2",
        letter("Content-Type: text/plain; format=flowed; delsp=yes", "Half a wo \nrd."), body="Half a word.",
    ),
    Awkward(
        "html_only", "RFC 2854", letter("Content-Type: text/html; charset=utf-8", "<p>It <b>came</b>.</p><p>Thanks &amp; bye</p>"),
        holds="It came.\nThanks & bye",
    ),
    Awkward("html_without_end", "HTML, 13.2", letter("Content-Type: text/html", "<p>It came<div><b>late"), holds="It came"),
    Awkward(
        "html_with_charset_inside", "HTML, 4.2.5.4", letter("Content-Type: text/html", '<meta charset="utf-8">små'.encode()), body="små"
    ),
    Awkward(
        "html_nested_ten_thousand_deep", "no limit", letter("Content-Type: text/html", "<div>" * 10_000 + "deep"), body="deep"
    ),
    Awkward(
        "an_empty_plain_part_beside_html", "RFC 2046, 5.1.4",
        mixed(text_part(" "), "Content-Type: text/html\n\n<p>Words</p>", kind="alternative"), body="Words",
    ),
    Awkward(
        "plain_and_html", "RFC 2046, 5.1.4",
        mixed(text_part("Plain"), "Content-Type: text/html\n\n<p>Marked up</p>", kind="alternative"), body="Plain",
    ),
    Awkward(
        "three_texts_one_after_the_other", "Apple Mail", mixed(text_part("One"), text_part("Two"), text_part("Three")),
        body="One\n\nTwo\n\nThree",
    ),
    Awkward("nothing_but_white_space", "RFC 5322", letter(body=" \n\t\n", Subject=""), outcome=HELD, cause=Cause.EMPTY),
    Awkward("an_unknown_media_type", "RFC 2045, 5.2", letter("Content-Type: nonsense", "Hello"), body="Hello"),
    Awkward("a_text_of_half_a_million", "RFC 5322", letter(body="word " * 100_000), holds="word word"),
    Awkward("one_line_without_end", "RFC 5322, 2.1.1", letter(body="x" * 300_000), holds="xxx"),
    Awkward(
        "quote_in_english", "Gmail", _answer("Yes.\n\nOn Sun, 22 Nov 2026 at 10:00, Help <help@localhost> wrote:\n> Did it?\n"),
        TAKEN, body="Yes.",
    ),
    Awkward(
        "quote_in_swedish", "Gmail", _answer("Ja.\n\nDen sön 22 nov. 2026 kl 10:00 skrev Hjälp <help@localhost>:\n> Kom den?\n"),
        TAKEN, body="Ja.",
    ),
    Awkward(
        "quote_in_norwegian", "Gmail", _answer("Ja.\n\nsøn. 22. nov. 2026 kl. 10:00 skrev Hjelp <help@localhost>:\n> Kom den?\n"),
        TAKEN, body="Ja.",
    ),
    Awkward(
        "quote_in_danish", "Gmail", _answer("Ja.\n\nDen søn. 22. nov. 2026 kl. 10.00 skrev Hjælp <help@localhost>:\n\n> Kom den?\n"),
        TAKEN, body="Ja.",
    ),
    Awkward(
        "quote_by_outlook", "Outlook", _answer("Nej.\n\nFrån: Hjälp <help@localhost>\nSkickat: den 22 november\nTill: Cleo\nÄmne: Ärende\n\nKom den?"),
        TAKEN, body="Nej.",
    ),
    Awkward(
        "quote_by_outlook_in_danish", "Outlook", _answer("Nej.\n\nFra: Hjælp <help@localhost>\nSendt: 22. november\nTil: Cleo\nEmne: Sag\n\nKom den?"),
        TAKEN, body="Nej.",
    ),
    Awkward("separator_in_swedish", "Outlook Express", _answer("Ja.\n\n-----Ursprungligt meddelande-----\nFrån: Hjälp\n\nKom den?"), TAKEN, body="Ja."),
    Awkward("separator_in_norwegian", "Outlook Express", _answer("Ja.\n\n-----Opprinnelig melding-----\nFra: Hjelp\n\nKom den?"), TAKEN, body="Ja."),
    Awkward("answer_below", "RFC 1855, 2.1.1", _answer("On Sun, 22 Nov 2026 at 10:00, Help wrote:\n> Did it come?\n\nIt did."), TAKEN, body="It did."),
    Awkward(
        "answers_between", "RFC 1855, 2.1.1",
        _answer("Hi\n\nOn Sun, 22 Nov 2026 at 10:00, Help wrote:\n> Which size?\nXL\n> Which colour?\nBlue"), TAKEN, holds="XL\n> Which colour?\nBlue",
    ),
    Awkward("quote_that_nothing_introduces", "mutt", _answer("It came.\n\n> Did it come?\n> We hope so."), TAKEN, body="It came."),
    Awkward("nothing_but_a_quote", "pressed too early", _answer("> Did it come?\n"), TAKEN, holds="Did it come?"),
    Awkward("signature", "RFC 3676, 4.3", _answer("It came.\n-- \nCleo Lind\n070-123 45 67"), TAKEN, body="It came."),
    Awkward("signature_mvh", "Swedish", _answer("Den kom.\n\nMvh\nCleo Lind"), TAKEN, body="Den kom."),
    Awkward("signature_vennlig_hilsen", "Norwegian", _answer("Den kom.\n\nMed vennlig hilsen\nCleo Lind"), TAKEN, body="Den kom."),
    Awkward("signature_med_venlig_hilsen", "Danish", _answer("Den kom.\n\nMed venlig hilsen\nCleo Lind"), TAKEN, body="Den kom."),
    Awkward("sent_from_a_telephone", "iOS", _answer("Den kom.\n\nSkickat från min iPhone"), TAKEN, body="Den kom."),
    Awkward("words_below_the_signature", "people", _answer("Den kom.\n\nMvh Cleo\n\nPS: Kan jag byta den?"), TAKEN, holds="Kan jag byta den?"),
    Awkward(
        "html_quote", "Gmail",
        letter("Content-Type: text/html", '<div>It came.</div><div class="gmail_quote">On Sun, 22 Nov 2026 at 10:00, Help wrote:<br><blockquote>Did it?</blockquote></div>', answers=True),
        TAKEN, body="It came.",
    ),
]  # fmt: skip
