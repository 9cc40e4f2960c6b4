# ruff: noqa: E501 (a table: one letter, one line)
"""Parts within parts, files, and structures that are broken (RFC 2046, RFC 2183, RFC 2231, RFC 2387, RFC 5545)."""

from __future__ import annotations

import base64

from tests.tickets.mail_corpus import HELD, PNG, Awkward, Cause, letter, mixed, parts, png_part, text_part
from tests.tickets.mail_corpus.winmail import ENDLESS, WINMAIL, WITH_LONG_NAME

INVITATION = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
UID:1@example.com
DTSTART:20261124T090000Z
DTEND:20261124T100000Z
SUMMARY:Visit of the engineer
LOCATION:Storgatan 1
END:VEVENT
END:VCALENDAR"""


def _nested(depth: int) -> bytes:
    inner = b"Content-Type: text/plain\n\nAt the bottom\n"
    for number in range(depth):
        inner = f'Content-Type: multipart/mixed; boundary="n{number}"\n\n'.encode() + parts(f"n{number}", inner)
    return letter("MIME-Version: 1.0").replace(b"\n\nWhere is my parcel?\n", b"\n") + inner


def _file(name_field: str, kind: str = "image/png") -> bytes:
    return mixed(text_part(), f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n{name_field}\n\n{PNG}")


LETTERS = [
    Awkward("a_picture", "RFC 2183, 2.2", mixed(text_part(), png_part('attachment; filename="a.png"')), files=("a.png",), body="See the picture."),
    Awkward("name_without_quotes", "RFC 2045, 5.1 broken", _file("Content-Disposition: attachment; filename=min bild.png"), files=("min bild.png",)),
    Awkward("name_in_another_charset", "RFC 2231, 4", _file("Content-Disposition: attachment; filename*=iso-8859-1'sv'bl%E5.png"), files=("blå.png",)),
    Awkward(
        "name_in_pieces", "RFC 2231, 3",
        _file('Content-Disposition: attachment; filename*0="en "; filename*1="lång "; filename*2="bild.png"'), files=("en lång bild.png",),
    ),
    Awkward(
        "name_in_pieces_in_another_charset", "RFC 2231, 4.1",
        _file("Content-Disposition: attachment;\n filename*0*=utf-8''%C3%A5;\n filename*1*=%C3%A4.png"), files=("åä.png",),
    ),
    Awkward(
        "pieces_out_of_order", "RFC 2231, 3", _file('Content-Disposition: attachment; filename*1="b.png"; filename*0="a"'), files=("ab.png",)
    ),
    Awkward("encoded_word_as_name", "RFC 2047, 5 broken, Outlook", _file('Content-Disposition: attachment; filename="=?utf-8?Q?bl=C3=A5.png?="'), files=("blå.png",)),
    Awkward("raw_file_name", "RFC 6532", _file('Content-Disposition: attachment; filename="blå.png"'), files=("blå.png",)),
    Awkward("japanese_name", "RFC 2231, 4", _file("Content-Disposition: attachment; filename*=utf-8''%E8%8D%B7%E7%89%A9.png"), files=("荷物.png",)),
    Awkward("name_in_content_type", "RFC 2045, 5", mixed(text_part(), f'Content-Type: image/png; name="a.png"\nContent-Transfer-Encoding: base64\n\n{PNG}'), files=("a.png",)),
    Awkward("name_with_folders", "RFC 2183, 5", _file('Content-Disposition: attachment; filename="../../etc/a.png"'), files=("a.png",)),
    Awkward("name_with_an_escaped_quote", "RFC 5322, 3.2.4", _file('Content-Disposition: attachment; filename="a\\"b.png"'), files=('a"b.png',)),
    Awkward("name_without_end", "RFC 2045, 5.1", _file('Content-Disposition: attachment; filename="a.png'), files=("a.png",)),
    Awkward("no_name", "RFC 2183, 2.3", _file("Content-Disposition: attachment"), files=("attachment-1.png",)),
    Awkward("a_program", "file policy", mixed(text_part(), "Content-Type: application/x-msdownload\nContent-Disposition: attachment; filename=x.exe\n\nMZ"), files=(), left_out=("x.exe",)),
    Awkward("a_program_called_a_picture", "file policy", mixed(text_part(), "Content-Type: image/png\nContent-Disposition: attachment; filename=a.png\n\nMZ program"), files=(), left_out=("a.png",)),
    Awkward("an_empty_file", "file policy", mixed(text_part(), "Content-Type: image/png\nContent-Disposition: attachment; filename=a.png\n\n"), left_out=("a.png",)),
    Awkward("files_and_no_words", "people on telephones", mixed(png_part('attachment; filename="a.png"'), Subject=""), body="a.png", files=("a.png",)),
    Awkward("nothing_but_a_refused_file", "file policy", mixed("Content-Type: application/zip\nContent-Disposition: attachment; filename=a.zip\n\nPK", Subject=""), body="a.zip", left_out=("a.zip",)),
    Awkward("sixty_files", "no limit in RFC 2046", mixed(text_part(), *[png_part(f'attachment; filename="{n}.png"') for n in range(60)]), holds="See"),
    Awkward(
        "inline_picture", "RFC 2387, RFC 2392",
        mixed('Content-Type: text/html\n\n<p>Look <img src="cid:p1"></p>', png_part("inline", "Content-ID: <p1>\n"), kind="related"),
        body="Look", files=("attachment-1.png",),
    ),
    Awkward("text_as_a_file", "RFC 2183, 2.2", mixed(text_part("Words"), 'Content-Type: text/plain\nContent-Disposition: attachment; filename="log.txt"\n\nlines'), body="Words", files=("log.txt",)),
    Awkward(
        "a_letter_within_a_letter", "RFC 2046, 5.2.1",
        mixed(text_part("See below."), "Content-Type: message/rfc822\n\nFrom: bo@example.com\nSubject: Lunch?\n\nShall we?"), body="See below.", files=("Lunch.eml",),
    ),
    Awkward(
        "a_letter_within_a_letter_carries_no_token", "own rule: only the letter itself leads to a case",
        mixed(text_part("See below."), "Content-Type: message/rfc822\n\nFrom: bo@example.com\nTo: @@REPLY@@\nReferences: @@OURID@@\nSubject: Lunch\n\nShall we?"),
        body="See below.", files=("Lunch.eml",),
    ),
    Awkward("an_encoded_letter_within", "RFC 2046, 5.2.1 broken", mixed(text_part(), "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nRnJvbTogYQ=="), holds="See"),
    Awkward("digest", "RFC 2046, 5.1.5", mixed("\nFrom: a@example.com\nSubject: One\n\nFirst", "\nFrom: b@example.com\nSubject: Two\n\nSecond", kind="digest"), holds=""),
    Awkward("part_of_a_letter", "RFC 2046, 5.2.2", letter('Content-Type: message/partial; id="a"; number=1; total=3', "Half"), holds=""),
    Awkward("letter_kept_elsewhere", "RFC 2046, 5.2.3", letter("Content-Type: message/external-body; access-type=URL", "Content-Type: text/plain\n\n"), holds=""),
    Awkward("signed_by_pgp", "RFC 3156, 5", mixed(text_part("Signed words"), "Content-Type: application/pgp-signature\n\n-----BEGIN", kind="signed"), body="Signed words", files=(), left_out=()),
    Awkward("signed_by_smime", "RFC 8551, 3.5.3", mixed(text_part("Signed words"), 'Content-Type: application/pkcs7-signature; name="smime.p7s"\n\nMII', kind="signed"), body="Signed words", left_out=()),
    Awkward("encrypted", "RFC 3156, 4", mixed("Content-Type: application/pgp-encrypted\n\nVersion: 1", "Content-Type: application/octet-stream; name=encrypted.asc\n\n-----BEGIN", kind="encrypted"), body="Parcel"),
    Awkward("winmail", "MS-OXTNEF", mixed(text_part("See the file."), f"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{base64.b64encode(WINMAIL).decode()}"), files=("notes.txt",), left_out=()),
    Awkward("winmail_with_a_long_name", "MS-OXTNEF, 2.1.3.4", mixed(text_part(" "), f"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{base64.b64encode(WITH_LONG_NAME).decode()}"), body="Hälsningar", files=("mjölk.txt",), left_out=()),
    Awkward("winmail_that_promises_too_much", "MS-OXTNEF, 2.1.3.4", mixed(text_part(), f"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{base64.b64encode(ENDLESS).decode()}"), left_out=("winmail.dat",)),
    Awkward("broken_winmail", "MS-OXTNEF", mixed(text_part(), f"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{base64.b64encode(WINMAIL[:60]).decode()}"), holds="See"),
    Awkward("winmail_of_nothing", "MS-OXTNEF", mixed(text_part(), "Content-Type: application/ms-tnef; name=winmail.dat\n\nx"), left_out=("winmail.dat",)),
    Awkward("invitation", "RFC 5545, RFC 6047", mixed(text_part("Please come."), f"Content-Type: text/calendar; method=REQUEST; charset=utf-8\n\n{INVITATION}"), holds="Invitation: Visit of the engineer", files=("invitation.ics",)),
    Awkward("invitation_alone", "RFC 6047, 2.4", letter("Content-Type: text/calendar; method=REQUEST", INVITATION), holds="Storgatan 1", files=("invitation.ics",)),
    Awkward("cancelled_invitation", "RFC 5546, 3.2.5", letter("Content-Type: text/calendar", INVITATION.replace("REQUEST", "CANCEL")), holds="Cancelled: Visit"),
    Awkward("invitation_without_sense", "RFC 5545", mixed(text_part(), "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nDTSTART:never\nBEGIN:VEVENT"), holds="See"),
    Awkward("no_end_of_parts", "RFC 2046, 5.1.1", mixed(text_part("Words"), closed=False), body="Words"),
    Awkward("cut_in_the_middle_of_a_file", "RFC 2046, 5.1.1", mixed(text_part("Words"), png_part('attachment; filename="a.png"')[:-30], closed=False), body="Words"),
    Awkward("boundary_that_never_comes", "RFC 2046, 5.1.1", letter('Content-Type: multipart/mixed; boundary="b9"', "Words without parts"), holds=""),
    Awkward("no_boundary", "RFC 2046, 5.1.1", letter("Content-Type: multipart/mixed", "Words"), holds=""),
    Awkward("boundary_used_twice", "RFC 2046, 5.1.2", mixed('Content-Type: multipart/mixed; boundary="b1"\n\n--b1\nContent-Type: text/plain\n\nInner', text_part("Outer")), holds="Outer"),
    Awkward("words_before_and_after_the_parts", "RFC 2046, 5.1.1", letter('Content-Type: multipart/mixed; boundary="b1"', b"Before\n" + parts("b1", text_part("Words")) + b"After"), body="Words"),
    Awkward("no_parts_at_all", "RFC 2046, 5.1", mixed(), body="Parcel"),
    Awkward("fifty_deep", "no limit in RFC 2046", _nested(50), body="At the bottom"),
    Awkward("two_hundred_deep", "no limit in RFC 2046", _nested(200), body="Parcel"),
    Awkward("two_thousand_deep", "no limit in RFC 2046", _nested(2000), outcome=HELD, cause=Cause.BROKEN),
    Awkward("two_content_types", "RFC 2045, 5 broken", letter("Content-Type: text/plain\nContent-Type: text/html", "<b>"), holds="<b>"),
    Awkward("too_many_parts", "no limit in RFC 2046", mixed(*[text_part(str(n)) for n in range(1500)]), holds="1\n\n2"),
    Awkward("binary_in_the_text", "RFC 2045, 2.9", letter(body=bytes(range(256))), holds="ABC"),
]  # fmt: skip
