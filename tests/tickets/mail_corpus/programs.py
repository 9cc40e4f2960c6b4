# ruff: noqa: E501 (a table: one letter, one line)
"""Letters in the shapes that the usual programs give them: quotations, away notices, returned letters, disclaimers."""

from __future__ import annotations

import base64

from tests.tickets.mail_corpus import (
    AUTOMATIC,
    BOUNCE,
    HELD,
    LINKED,
    OPENED,
    PNG,
    TAKEN,
    Awkward,
    Cause,
    letter,
    mixed,
    parts,
    png_part,
    text_part,
)  # fmt: skip


def _answer(text: str, **fields: str) -> bytes:
    return letter("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8", text, answers=True, **fields)


def _html(markup: str, plain: str = "", **fields: str) -> bytes:
    html = f"Content-Type: text/html; charset=utf-8\n\n{markup}"
    if plain:
        return mixed(text_part(plain), html, kind="alternative", To="@@REPLY@@", **fields)
    return letter("MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8", markup, answers=True, **fields)


_OUTLOOK_HTML = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {{margin:0cm}}</style></head>'
    '<body lang="SV"><div class="WordSection1"><p class="MsoNormal">{said}<o:p></o:p></p><p class="MsoNormal">'
    '<o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
    '<p class="MsoNormal"><b>{sender}:</b> Help &lt;help@localhost&gt; <br><b>{sent}:</b> den 22 november 2026 10:00<br>'
    "<b>{to}:</b> Cleo Lind &lt;cleo@example.com&gt;<br><b>{subject}:</b> Your case<o:p></o:p></p></div></div>"
    '<p class="MsoNormal">Did it come?</p></div></body></html>'
)
_RULE = "_" * 32

LETTERS = [
    # Quotations as Outlook writes them.
    Awkward("outlook_english", "Outlook", _answer(f"No.\n\n{_RULE}\nFrom: Help <help@localhost>\nSent: Sunday, November 22, 2026 10:00 AM\nTo: Cleo Lind <cleo@example.com>\nSubject: Your case\n\nDid it come?"), TAKEN, body="No."),
    Awkward("outlook_norwegian", "Outlook", _answer("Nei.\n\nFra: Hjelp <help@localhost>\nSendt: søndag 22. november 2026 10:00\nTil: Cleo Lind <cleo@example.com>\nEmne: Saken din\n\nKom den?"), TAKEN, body="Nei."),
    Awkward("outlook_with_copy", "Outlook", _answer("Nej.\n\nFrån: Hjälp <help@localhost>\nSkickat: den 22 november 2026 10:00\nTill: Cleo Lind <cleo@example.com>\nKopia: Dora <dora@example.com>\nÄmne: SV: Ärendet\nPrioritet: Hög\n\nKom den?"), TAKEN, body="Nej."),
    Awkward("outlook_date_before_to", "Outlook for Mac", _answer("No.\n\nFrom: Help <help@localhost>\nDate: Sunday, 22 November 2026 at 10:00\nTo: Cleo Lind <cleo@example.com>\nSubject: Your case\n\nDid it come?"), TAKEN, body="No."),
    Awkward("outlook_mac_swedish", "Outlook for Mac", _answer("Nej.\n\nFrån: Hjälp <help@localhost>\nDatum: söndag, 22 november 2026 10:00\nTill: Cleo Lind <cleo@example.com>\nÄmne: Ditt ärende\n\nKom den?"), TAKEN, body="Nej."),
    Awkward("outlook_mac_danish", "Outlook for Mac", _answer("Nej.\n\nFra: Hjælp <help@localhost>\nDato: søndag, 22. november 2026 kl. 10.00\nTil: Cleo Lind <cleo@example.com>\nEmne: Din sag\n\nKom den?"), TAKEN, body="Nej."),
    Awkward("outlook_bold_labels", "Outlook on the web", _answer("Nej.\n\n*Från:* Hjälp <help@localhost>\n*Skickat:* den 22 november 2026 10:00\n*Till:* Cleo Lind <cleo@example.com>\n*Ämne:* Ditt ärende\n\nKom den?"), TAKEN, body="Nej."),
    Awkward("outlook_html_english", "Outlook", _html(_OUTLOOK_HTML.format(said="No.", sender="From", sent="Sent", to="To", subject="Subject")), TAKEN, body="No."),
    Awkward("outlook_html_swedish", "Outlook", _html(_OUTLOOK_HTML.format(said="Nej.", sender="Från", sent="Skickat", to="Till", subject="Ämne")), TAKEN, body="Nej."),
    Awkward("outlook_html_danish", "Outlook", _html(_OUTLOOK_HTML.format(said="Nej.", sender="Fra", sent="Sendt", to="Til", subject="Emne")), TAKEN, body="Nej."),
    Awkward("outlook_web_html", "Outlook on the web", _html('<div>No.</div><div id="appendonsend"></div><hr style="width:98%"><div id="divRplyFwdMsg"><font><b>From:</b> Help &lt;help@localhost&gt;<br><b>Sent:</b> Sunday, November 22, 2026 10:00<br><b>To:</b> Cleo<br><b>Subject:</b> Your case</font><div>&nbsp;</div></div><div>Did it come?</div>'), TAKEN, body="No."),
    Awkward("outlook_quoting_a_quote", "Outlook", _answer("Fortfarande nej.\n\nFrån: Hjälp <help@localhost>\nSkickat: den 22 november 2026 12:00\nTill: Cleo\nÄmne: SV: Ärende\n\nKom den?\n\nFrån: Cleo\nSkickat: den 21 november\nTill: Hjälp\nÄmne: Ärende\n\nVar är den?"), TAKEN, body="Fortfarande nej."),
    # Telephones and web mail.
    Awkward("iphone_english", "iOS Mail", _answer("It came.\n\nSent from my iPhone\n\n> On 22 Nov 2026, at 10:00, Help <help@localhost> wrote:\n> \n> Did it come?\n"), TAKEN, body="It came."),
    Awkward("iphone_swedish", "iOS Mail", _answer("Den kom.\n\nSkickat från min iPhone\n\n> 22 nov. 2026 kl. 10:00 skrev Hjälp <help@localhost>:\n> \n> Kom den?\n"), TAKEN, body="Den kom."),
    Awkward("iphone_norwegian", "iOS Mail", _answer("Den kom.\n\nSendt fra min iPhone\n\n> 22. nov. 2026 kl. 10:00 skrev Hjelp <help@localhost>:\n> \n> Kom den?\n"), TAKEN, body="Den kom."),
    Awkward("iphone_danish", "iOS Mail", _answer("Den kom.\n\nSendt fra min iPhone\n\n> Den 22. nov. 2026 kl. 10.00 skrev Hjælp <help@localhost>:\n> \n> Kom den?\n"), TAKEN, body="Den kom."),
    Awkward("iphone_mark_before_the_quote", "iOS Mail, narrow no-break space", _answer("It came.\n\nOn 22 Nov 2026, at 10:00\u202fAM, Help <help@localhost> wrote:\n\n\ufeff\nDid it come?\n"), TAKEN, body="It came."),
    Awkward("iphone_norwegian_html", "iOS Mail", _html('<html><body dir="auto">Den kom.<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sendt fra min iPhone</div><div dir="ltr"><br><blockquote type="cite">22. nov. 2026 kl. 10:00 skrev Hjelp &lt;help@localhost&gt;:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">Kom den?</div></blockquote></body></html>'), TAKEN, body="Den kom."),
    Awkward("gmail_header_on_two_lines", "Gmail", _answer("It came.\n\nOn Sun, Nov 22, 2026 at 10:00 AM Help Centre of the Wonderful Web Shop <\nhelp@localhost> wrote:\n\n> Did it come?\n"), TAKEN, body="It came."),
    Awkward("gmail_swedish_on_two_lines", "Gmail", _answer("Den kom.\n\nDen sön 22 nov. 2026 kl 10:00 skrev Hjälpcenter hos Den Stora Butiken <\nhelp@localhost>:\n\n> Kom den?\n"), TAKEN, body="Den kom."),
    Awkward("gmail_norwegian_on_two_lines", "Gmail", _answer("Den kom.\n\nsøn. 22. nov. 2026 kl. 10:00 skrev Hjelpesenteret til Den Store Butikken <\nhelp@localhost>:\n\n> Kom den?\n"), TAKEN, body="Den kom."),
    Awkward("gmail_html_danish", "Gmail", _html('<div dir="ltr">Den kom.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">Den søn. 22. nov. 2026 kl. 10.00 skrev Hjælp &lt;<a href="mailto:help@localhost">help@localhost</a>&gt;:<br></div><blockquote class="gmail_quote">Kom den?</blockquote></div>'), TAKEN, body="Den kom."),
    Awkward("samsung_swedish", "Samsung Mail", _answer("Den kom.\n\nSkickat från min Galaxy\n\n-------- Originalmeddelande --------\nFrån: Hjälp <help@localhost>\nDatum: 2026-11-22 10:00 (GMT+01:00)\nTill: cleo@example.com\nÄmne: Ditt ärende\n\nKom den?"), TAKEN, body="Den kom."),
    Awkward("samsung_english", "Samsung Mail", _answer("It came.\n\n-------- Original message --------\nFrom: Help <help@localhost>\nDate: 22/11/2026 10:00 (GMT+01:00)\nTo: cleo@example.com\nSubject: Your case\n\nDid it come?"), TAKEN, body="It came."),
    Awkward("samsung_danish", "Samsung Mail", _answer("Den kom.\n\n-------- Oprindelig besked --------\nFra: Hjælp <help@localhost>\nDato: 22.11.2026 10.00 (GMT+01:00)\nTil: cleo@example.com\nEmne: Din sag\n\nKom den?"), TAKEN, body="Den kom."),
    Awkward("outlook_for_android", "Outlook", _answer(f"It came.\n\nGet Outlook for Android<https://aka.ms/AAb9ysg>\n{_RULE}\nFrom: Help <help@localhost>\nSent: Sunday, November 22, 2026 10:00:00 AM\nTo: Cleo\nSubject: Your case\n\nDid it come?"), TAKEN, body="It came."),
    Awkward("thunderbird_swedish", "Thunderbird", _answer("Den kom.\n\nDen 2026-11-22 kl. 10:00, skrev Hjälp:\n> Kom den?\n"), TAKEN, body="Den kom."),
    Awkward("thunderbird_norwegian", "Thunderbird", _answer("Den kom.\n\nDen 22.11.2026 10:00, skrev Hjelp:\n> Kom den?\n"), TAKEN, body="Den kom."),
    Awkward("thunderbird_danish", "Thunderbird", _answer("Den kom.\n\nDen 22.11.2026 kl. 10.00 skrev Hjælp:\n> Kom den?\n"), TAKEN, body="Den kom."),
    Awkward("thunderbird_older", "Thunderbird", _answer("Den kom.\n\nHjälp skrev den 2026-11-22 10:00:\n> Kom den?\n"), TAKEN, body="Den kom."),
    Awkward("yahoo", "Yahoo Mail", _answer("It came.\n\n    On Sunday, November 22, 2026 at 10:00:00 AM GMT+1, Help <help@localhost> wrote:  \n \n Did it come?"), TAKEN, body="It came."),
    Awkward("proton", "Proton Mail", _answer("It came.\n\nSent with Proton Mail secure email.\n\nOn Sunday, November 22nd, 2026 at 10:00, Help <help@localhost> wrote:\n\n> Did it come?"), TAKEN, body="It came."),
    Awkward("yahoo_swedish", "Yahoo Mail", _answer("Den kom.\n\n Den söndag 22 november 2026 10:00:00 CET, Hjälp <help@localhost> skrev:  \n \n Kom den?"), TAKEN, body="Den kom."),
    Awkward("gmail_swedish_on_a_telephone", "Gmail", _answer("Den kom.\n\nDen sön 22 nov. 2026 10:00Hjälp <help@localhost> skrev:\n\n> Kom den?"), TAKEN, body="Den kom."),
    Awkward("em_client_swedish", "eM Client", _answer('Den kom.\n\n------ Originalmeddelande ------\nFrån "Hjälp" <help@localhost>\nTill cleo@example.com\nDatum 2026-11-22 10:00:00\nÄmne Re: x\n\nKom den?'), TAKEN, body="Den kom."),
    Awkward("outlook_with_empty_lines", "gateways that make plain text of HTML", _answer("Den kom.\n\nFrån: Hjälp <help@localhost>\n\nSkickat: den 22 november 2026 10:00\n\nTill: Cleo\n\nÄmne: Ärende\n\nKom den?"), TAKEN, body="Den kom."),
    Awkward("signature_in_two_languages", "Norwegian companies", _answer("Den kom.\n\nVennlig hilsen / Best regards\nCleo Lind\nTlf. 123 45 678"), TAKEN, body="Den kom."),
    Awkward("signature_mange_hilsner", "Danish", _answer("Den kom.\n\nMange hilsner\nCleo Lind"), TAKEN, body="Den kom."),
    Awkward("please_in_swedish_is_no_signature", "people", _answer("Hej\n\nVänligen återkom snart."), TAKEN, body="Hej\n\nVänligen återkom snart."),
    Awkward("a_sentence_that_speaks_of_writing", "people", _answer("Hej!\n\nDen 12 november skrev jag till er och fick inget svar.\nVar är paketet?"), TAKEN, body="Hej!\n\nDen 12 november skrev jag till er och fick inget svar.\nVar är paketet?"),
    Awkward("a_sentence_that_begins_with_from", "people", _answer("Hi!\n\nFrom: where do you send it?\nTo: which shop do I return it?\n\nThank you"), TAKEN, holds="which shop do I return it?"),
    Awkward("an_order_that_reads_like_a_header", "people", _answer("Hej, byt adress:\n\nFrån: Gamla gatan 1\nTill: Nya gatan 2\n\nTack på förhand"), TAKEN, holds="Tack på förhand"),
    Awkward("a_sentence_that_begins_with_sent_from", "people", _answer("Sent from my shop on Monday, it has not come since.\n\nWhen will it?"), TAKEN, holds="When will it?"),
    Awkward("words_below_what_a_telephone_adds", "people", _answer("Hi\n\nSent from my iPhone\n\nOh, and where is it?"), TAKEN, holds="where is it?"),
    Awkward("a_greeting_first", "people", _answer("Vänliga hälsningar från oss alla! Paketet kom inte.\nKan ni skicka ett nytt?"), TAKEN, holds="Kan ni skicka ett nytt?"),
    Awkward("a_disclaimer_in_two_languages", "companies", _answer("It came.\n\nKind regards\nCleo Lind\nLind AB\n\nThis e-mail and its files are confidential.\nDetta e-postmeddelande är konfidentiellt."), TAKEN, body="It came."),
    Awkward("dashes_between_paragraphs", "people", _answer("First.\n\n----\n\nSecond: where is it?"), TAKEN, holds="Second: where is it?"),
    Awkward("a_table_of_markdown", "people", _answer("Order | Size\n--- | ---\n1 | XL\n\nWhere is it?"), TAKEN, holds="Where is it?"),
    # Away notices.
    Awkward("away_exchange_swedish", "Exchange", letter("X-Auto-Response-Suppress: DR, OOF, AutoReply\nAuto-Submitted: auto-generated", Subject="Automatiskt svar: Parcel", answers=True), AUTOMATIC, Cause.OUT_OF_OFFICE),
    Awkward("away_gmail", "Gmail", letter("Precedence: bulk\nX-Autoreply: yes\nAuto-Submitted: auto-replied\nIn-Reply-To: @@OURID@@", Subject="Out of office Re: Parcel"), AUTOMATIC, Cause.OUT_OF_OFFICE),
    Awkward("away_norwegian_without_marks", "programs that follow no rule", letter("In-Reply-To: @@OURID@@", Subject="Fraværsmelding: Pakke", body="Jeg er tilbake på mandag."), AUTOMATIC, Cause.OUT_OF_OFFICE),
    Awkward("away_danish_without_marks", "programs that follow no rule", letter("In-Reply-To: @@OURID@@", Subject="Ikke til stede: Pakke", body="Jeg er tilbage på mandag."), AUTOMATIC, Cause.OUT_OF_OFFICE),
    Awkward("away_in_an_encoded_subject", "RFC 2047", letter("X-Auto-Response-Suppress: All", Subject="=?iso-8859-1?Q?Fr=E5nvarande=3A_Paket?=", answers=True), AUTOMATIC, Cause.OUT_OF_OFFICE),
    Awkward("away_by_vacation", "sieve, RFC 5230", letter("Auto-Submitted: auto-replied (vacation)\nIn-Reply-To: @@OURID@@\nReferences: @@OURID@@", Subject="Auto: Parcel"), AUTOMATIC, Cause.AUTO_REPLY),
    Awkward("away_by_qmail", "qmail-autoresponder", letter("Delivered-To: Autoresponder\nPrecedence: junk\nIn-Reply-To: @@OURID@@"), AUTOMATIC, Cause.LIST),
    Awkward("a_system_of_tickets_answers", "OTRS, Zammad, Jira", letter("Auto-Submitted: auto-generated\nX-Loop: helpdesk\nPrecedence: auto_reply", Subject="[Ticket#2026] Parcel", answers=True), AUTOMATIC, Cause.AUTO_REPLY),
    Awkward("jira_without_auto_submitted", "Jira", letter("X-Auto-Response-Suppress: DR,RN,OOF,AutoReply\nPrecedence: bulk", answers=True), AUTOMATIC, Cause.LIST),
    # Returned letters.
    Awkward("returned_by_exchange", "Exchange NDR", mixed("Content-Type: multipart/alternative; boundary=b2\n\n" + parts("b2", text_part("Delivery has failed to these recipients or groups:\n\ncleo@example.com"), "Content-Type: text/html\n\n<p>Delivery has failed</p>").decode(), "Content-Type: message/delivery-status\n\nReporting-MTA: dns;AM0PR.eurprd.example\nReceived-From-MTA: dns;mx\n\nFinal-Recipient: rfc822;cleo@example.com\nAction: failed\nStatus: 5.1.10\nDiagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "Content-Type: message/rfc822\n\nMessage-ID: @@OURID@@\nSubject: Your case\n\nHello", kind="report; report-type=delivery-status", From="postmaster@example.onmicrosoft.com", Subject="Undeliverable: Your case", headers="X-MS-Exchange-Message-Is-Ndr:"), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("returned_by_gmail", "Gmail", mixed("Content-Type: multipart/related; boundary=b2\n\n" + parts("b2", "Content-Type: multipart/alternative; boundary=b3\n\n" + parts("b3", text_part("** Address not found **"), "Content-Type: text/html\n\n<b>Address not found</b>").decode(), png_part("attachment; filename=icon.png", "Content-ID: <icon.png>\n")).decode(), "Content-Type: message/delivery-status\n\nReporting-MTA: dns; googlemail.com\nArrival-Date: Sun, 22 Nov 2026 01:00:00 -0800 (PST)\nX-Original-Message-ID: @@OURID@@\n\nFinal-Recipient: rfc822; cleo@example.com\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; gmail-smtp-in.l.google.com\nDiagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.", "Content-Type: message/rfc822\n\nSubject: x\n\ny", kind="report; report-type=delivery-status", From="Mail Delivery Subsystem <mailer-daemon@googlemail.com>", Subject="Delivery Status Notification (Failure)", headers="X-Failed-Recipients: cleo@example.com\nAuto-Submitted: auto-replied"), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("returned_by_exim", "Exim without a report", letter("X-Failed-Recipients: cleo@example.com\nAuto-Submitted: auto-replied", "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its recipients.\n\n  cleo@example.com\n    host mx.example.com: 550 No such user\n\n------ This is a copy of the message, including all the headers. ------\n\nMessage-ID: @@OURID@@\nSubject: x", From="Mail Delivery System <Mailer-Daemon@mx.example.net>", Subject="Mail delivery failed: returning message to sender"), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("returned_in_norwegian", "Exchange", letter("Return-Path: <>", "Meldingen kunne ikke leveres. @@OURID@@", From="postmaster@example.no", Subject="Kan ikke leveres: Saken din"), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("returned_in_danish", "Exchange", letter("Return-Path: <>", "Meddelelsen kunne ikke leveres. @@OURID@@", From="postmaster@example.dk", Subject="Kan ikke leveres: Din sag"), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("returned_in_swedish", "Exchange", letter("Return-Path: <>", "Det gick inte att leverera till cleo@example.com. @@OURID@@", From="postmaster@example.se", Subject="Kan inte levereras: Ditt ärende"), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("report_encoded_in_base64", "RFC 3464 read leniently", mixed(text_part("Failed."), "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n" + base64.b64encode(b"Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; cleo@example.com\nAction: failed\nStatus: 5.1.1\n").decode(), "Content-Type: text/rfc822-headers\n\nMessage-ID: @@OURID@@", kind="report; report-type=delivery-status", From="mailer-daemon@example.com"), BOUNCE, Cause.BOUNCE_FAILED),
    Awkward("read_receipt_by_exchange_swedish", "Exchange", mixed(text_part("Meddelandet lästes."), "Content-Type: message/disposition-notification\n\nFinal-recipient: RFC822; cleo@example.com\nDisposition: automatic-action/MDN-sent-automatically; displayed\nOriginal-Message-ID: @@OURID@@", kind="report; report-type=disposition-notification", Subject="Läst: Parcel", To="@@REPLY@@"), AUTOMATIC, Cause.RECEIPT),
    Awkward("read_receipt_by_outlook_as_tnef_subject", "people", letter(Subject="Läst: Parcel", answers=True), TAKEN),
    Awkward("a_returned_letter_that_somebody_shows_us", "people, Outlook", mixed(text_part("I got this when I wrote to you. Why?"), "Content-Type: message/rfc822\n\nFrom: mailer-daemon@example.com\nSubject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status; boundary=b2\n\n" + parts("b2", text_part("Failed."), "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; help@localhost\nAction: failed\nStatus: 5.1.1", "Content-Type: text/rfc822-headers\n\nMessage-ID: @@OURID@@").decode()), OPENED, body="I got this when I wrote to you. Why?", files=("Undelivered.eml",)),
    Awkward("a_case_about_a_holiday", "people, Outlook", letter("In-Reply-To: @@OURID@@", "Yes, the big one.\n\nFrån: Hjälp <help@localhost>\nSkickat: den 22 november\nTill: Cleo\nÄmne: Ferie i juli\n\nVilket hus?", Subject="Ferie i juli"), TAKEN, body="Yes, the big one."),
    Awkward("an_answer_about_a_holiday", "people, telephones", letter("In-Reply-To: @@OURID@@", "Yes, the big one.", Subject="SV: Semester i juli"), TAKEN, body="Yes, the big one."),
    # Shapes.
    Awkward("smime_opaque", "RFC 8551, 3.5.3.2", letter("MIME-Version: 1.0\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=smime.p7m", "MIAGCSqGSIb3DQEHAqCAMIACAQExADCA"), OPENED, left_out=("smime.p7m",)),
    Awkward("smime_in_a_list_footer", "mailman", mixed("Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b2\n\n" + parts("b2", text_part("Where is it?"), "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nAAAA").decode(), text_part("_______\nlist mailing list")), OPENED, holds="Where is it?", files=()),
    Awkward("pgp_inline", "RFC 4880, 7", _answer("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nWhere is it?\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n=abcd\n-----END PGP SIGNATURE-----"), TAKEN, holds="Where is it?"),
    Awkward("flowed_and_quoted", "RFC 3676, 4.5", letter("Content-Type: text/plain; charset=utf-8; format=flowed", "It came \ntoday.\n\nOn 22/11/2026 10:00, Help wrote:\n> Did it \n> come?\n", answers=True), TAKEN, body="It came today."),
    Awkward("flowed_signature", "RFC 3676, 4.3", letter("Content-Type: text/plain; format=flowed", "It came.\n\n-- \nCleo", answers=True), TAKEN, body="It came."),
    Awkward("soft_breaks_with_spaces_behind", "RFC 2045, 6.7 (3)", letter("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable", "Where is my par=  \ncel?"), body="Where is my parcel?"),
    Awkward("soft_break_at_the_end", "RFC 2045, 6.7", letter("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable", "Where is it?="), body="Where is it?"),
    Awkward("quoted_printable_in_small_letters", "RFC 2045, 6.7 (1)", letter("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable", "sm=c3=a5 skor"), body="små skor"),
    Awkward("double_encoded_utf8", "a gateway that encodes twice", letter("Content-Type: text/plain; charset=utf-8", "smÃ¥ skor"), holds="sm"),
    Awkward("address_in_utf8", "RFC 6532", letter(From="Åsa <åsa@exämple.com>"), HELD, Cause.NO_SENDER),
    Awkward("domain_in_ascii_form", "RFC 5890", letter(From="asa@xn--exmple-cua.com"), OPENED, sender="asa@xn--exmple-cua.com"),
    Awkward("from_a_group", "RFC 6854", letter(From="Undisclosed:;"), HELD, Cause.NO_SENDER),
    Awkward("from_a_group_with_a_member", "RFC 6854", letter(From="Family: Cleo Lind <cleo@example.com>;", answers=True), TAKEN),
    Awkward("local_part_in_quotes", "RFC 5322, 3.4.1", letter(From='"cleo lind"@example.com'), HELD, Cause.NO_SENDER),
    Awkward("name_that_is_another_address", "RFC 5322, 3.4", letter(From='"bo@example.com" <cleo@example.com>', answers=True), TAKEN),
    Awkward("address_in_an_encoded_word", "RFC 2047, 5 forbids it", letter(From="=?utf-8?Q?Cleo_=3Ccleo=40example=2Ecom=3E?= <sam@example.com>", answers=True), LINKED, Cause.NOT_PARTICIPANT),
    Awkward("sender_of_a_service", "RFC 5322, 3.6.2", letter("Sender: bounce@mailer.example.net\nReply-To: cleo.home@example.org", answers=True), TAKEN),
    Awkward("reply_to_of_a_stranger", "RFC 5322, 3.6.2", letter("Reply-To: sam@example.com"), OPENED, sender="cleo@example.com"),
    Awkward("verp_return_path", "VERP", letter("Return-Path: <bounces+help=localhost@lists.example.com>", answers=True), TAKEN),
    Awkward("forwarded_by_a_rule", "Gmail, SRS", letter("Return-Path: <SRS0=abcd=XY=example.com=cleo@forward.example>\nX-Forwarded-To: help@localhost\nX-Forwarded-For: info@shop.example help@localhost", To="info@shop.example"), OPENED, is_confirmed=True),
    Awkward("resent", "RFC 5322, 3.6.6", letter("Resent-From: Bo <bo@example.com>\nResent-To: help@localhost\nResent-Message-ID: <r@example.com>", To="bo@example.com"), OPENED, sender="cleo@example.com"),
    Awkward("a_list_rewrites_from", "DMARC munging", letter("List-Post: <mailto:team@lists.example.com>\nReply-To: cleo@example.com", From="Cleo via Team <team@lists.example.com>", answers=True), AUTOMATIC, Cause.LIST),
    Awkward("answer_to_an_invitation", "RFC 5546, 3.2.3", mixed(text_part("Accepted"), "Content-Type: text/calendar; method=REPLY; charset=utf-8\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nSUMMARY:Delivery\nDTSTART:20261124T090000Z\nATTENDEE;PARTSTAT=ACCEPTED:mailto:cleo@example.com\nEND:VEVENT\nEND:VCALENDAR", kind="alternative", To="@@REPLY@@", Subject="Accepted: Delivery"), TAKEN, holds="Accepted"),
    Awkward("two_html_parts_around_a_picture", "Apple Mail", mixed("Content-Type: text/html\n\n<p>Before</p>", png_part("inline; filename=a.png"), "Content-Type: text/html\n\n<p>After</p>"), holds="After", files=("a.png",)),
    Awkward("plain_text_says_to_look_at_the_html", "newsletter programs", mixed(text_part("Your mail program cannot show HTML."), "Content-Type: text/html\n\n<p>My parcel is lost.</p>", kind="alternative"), OPENED),
    Awkward("entities_and_invisible_letters", "HTML", _html("<p>It&nbsp;came&#8203; &lt;today&gt;&shy;.</p>"), TAKEN, holds="<today>"),
    Awkward("html_with_conditional_comments", "Outlook", _html("<!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]--><p>It came.</p><![if !supportLists]>x<![endif]>"), TAKEN, holds="It came."),
    Awkward("a_picture_written_into_the_html", "RFC 2397, Outlook on the web, CRM programs", letter("MIME-Version: 1.0\nContent-Type: text/html", f'<p>See</p><img src="data:image/png;base64,{PNG}"><p>Why?</p>'), OPENED, body="See\nWhy?", files=("attachment-1.png",)),
    Awkward("two_megabytes_of_pictures_before_the_question", "RFC 2397", letter("MIME-Version: 1.0\nContent-Type: text/html", f'<img src="data:image/png;base64,{"iVBORw0KGgo" * 200_000}"><p>Why is it blue?</p>'), OPENED, body="Why is it blue?"),
    Awkward("two_subjects", "RFC 5322, 3.6 broken", letter("Subject: Second", Subject="First"), OPENED, subject="First"),
    Awkward("two_message_ids", "RFC 5322, 3.6.4 broken", letter("Message-ID: <other@example.com>", answers=True), TAKEN),
    Awkward("header_injection_in_subject", "RFC 2047", letter(Subject="=?utf-8?Q?Hi=0D=0ABcc=3A_sam=40example=2Ecom?="), OPENED, subject="Hi Bcc: sam@example.com"),
    Awkward("surrogates_in_utf8", "RFC 3629, 3", letter("Content-Type: text/plain; charset=utf-8", b"a\xed\xa0\x80b where is it?"), holds="where is it?"),
    Awkward("nul_bytes_in_every_header", "PostgreSQL", letter("X-Loop: a\x00b", From="Cl\x00eo <cleo@example.com>", Subject="Par\x00cel", Message_ID="<n\x00ul@example.com>"), OPENED, subject="Parcel"),
    Awkward("bytes_in_every_header", "RFC 5322", letter().replace(b"Cleo Lind", b"Cl\xe9o \xff").replace(b"Parcel", b"P\xe5ket \xed\xa0\x80"), OPENED),
    Awkward("results_with_bytes", "JSON fields", letter("Authentication-Results: mx.example.org; dmarc=pa\x00ss; spf=pass\nCc: x\x00y@example.com"), OPENED),
    Awkward("content_id_with_nul", "RFC 2392", mixed(text_part(), png_part("inline; filename=\"a\x00b.png\"", "Content-ID: <a\x00b@x>\n")), OPENED),
]  # fmt: skip
