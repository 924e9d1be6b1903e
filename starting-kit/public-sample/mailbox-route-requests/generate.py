"""Write the mailbox of this task: every thread below is there for one rule, which its comment names.

    python3 generate.py

The same bytes each time; the agent never sees this file.
"""

import base64
import hashlib
import quopri
from pathlib import Path

INBOX = Path(__file__).resolve().parent / "environment" / "desk" / "inbox.mbox"
MIA, OMAR = "Mia Hart <mia@desk.northgate.example>", "Omar Said <omar@desk.northgate.example>"
ME = "Library service desk <service@desk.northgate.example>"
BOX = []


def part(text, kind="text/plain", charset="utf-8", encoding="8bit", extra=""):
    """Return a part as bytes: its headers, an empty line, its content."""
    data = text.encode(charset)
    if encoding == "base64":
        data = base64.encodebytes(data)
    elif encoding == "quoted-printable":
        data = quopri.encodestring(data)
    head = f"Content-Type: {kind}; charset={charset}\nContent-Transfer-Encoding: {encoding}\n{extra}\n"
    return head.encode() + data


def attached(name, content="TVqQAAMAAAAEAAAA\n", kind="application/octet-stream"):
    """Return an attachment; ``name`` is what stands behind `attachment;`."""
    head = f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; {name}\n\n"
    return head.encode() + content.encode()


def several(*parts, kind="mixed", boundary="=_part"):
    """Return a multipart body as bytes, from its headers on."""
    lines = [f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode()]
    lines += [f"--{boundary}\n".encode() + piece.rstrip(b"\n") + b"\n\n" for piece in parts]
    return b"".join(lines) + f"--{boundary}--\n".encode()


def message_id(key):
    """Return a Message-ID that says nothing about its thread."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:20]}@mx.northgate.example>"


def say(key, sender, when, subject, body, *, re="", extra=""):
    """Add a message.

    ``when`` is "day hh:mm:ss zone" of March 2025, ``re`` the keys it refers to, ``body`` a text or a part.
    """
    day, clock, zone = when.split()
    weekday = ("Sat", "Sun", "Mon", "Tue", "Wed", "Thu", "Fri")[(int(day) - 1) % 7]
    head = f"Message-ID: {message_id(key)}\nFrom: {sender}\nTo: {ME}\nSubject: {subject}\n"
    head += f"Date: {weekday}, {int(day):02d} Mar 2025 {clock} {zone}\nMIME-Version: 1.0\n"
    if re:
        ids = [message_id(name) for name in re.split()]
        head += f"In-Reply-To: {ids[-1]}\nReferences: " + "\n ".join(ids) + "\n"
    data = head.encode() + extra.encode() + (body if isinstance(body, bytes) else part(body))
    lines = data.rstrip(b"\n").split(b"\n")
    quoted = [b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines]
    BOX.append(f"From MAILER-DAEMON {weekday} Mar {int(day):2d} {clock} 2025\n".encode() + b"\n".join(quoted) + b"\n\n")


def opening_hours():
    """A plain request; three working days lead over a weekend and the 17th."""
    say(
        "hours.1",
        "Jill Kerr <j.kerr@northgate.example>",
        "14 09:12:40 +0000",
        "Opening hours in April",
        "Dear all,\n\nare the reading rooms open on 19 April?\n\nJill Kerr\n-- \nLibrary card 20447 | ext. 5512\n",
    )


def soft_break():
    """The word is broken by the encoding."""
    body = (
        "Hello,\n\nsince the update of the discovery system on Monday "
        "it does not accept my new password at home, only here.\n"
    )
    say(
        "vpn.1",
        "Luc Moreau <l.moreau@northgate.example>",
        "10 10:02:11 +0000",
        "Databases from home",
        part(body, encoding="quoted-printable").replace(b"password", b"pass=\nword"),
    )
    say(
        "vpn.2",
        OMAR,
        "10 10:40:00 +0000",
        "Re: Databases from home",
        "Dear Luc,\n\nwe are looking into it with the provider.\n\n#solvedsoon, I hope\nOmar\n",
        re="vpn.1",
    )


def solved():
    """Closed for good: by a tag, by a thank-you, by an absence note, by staff who writes once more."""
    say(
        "scan.1",
        "Ana Novak <a.novak@northgate.example>",
        "10 11:00:00 +0000",
        "Book scanner",
        "The scanner on floor 2 writes empty files. Whom do I ask?\n",
    )
    say("scan.2", MIA, "10 12:00:00 +0000", "Re: Book scanner", "A new cable helped.\n\n#solved\n", re="scan.1")
    say(
        "scan.3",
        OMAR,
        "10 13:30:00 +0000",
        "Re: Book scanner",
        "For the record: cable from store 4.\n",
        re="scan.1 scan.2",
    )

    say("lamp.1", "r.desai@northgate.example", "10 14:00:00 +0000", "Desk lamp", "The lamp in carrel 9 is out.\n")
    say("lamp.2", MIA, "11 08:10:00 +0000", "Re: Desk lamp", "Replaced.\n#Solved\n", re="lamp.1")
    say(
        "lamp.3",
        "r.desai@northgate.example",
        "11 08:45:00 +0000",
        "Re: Desk lamp",
        "That was quick, many thanks to you and to your whole team!\n\n"
        "On Tue, 11 Mar 2025 Mia Hart wrote:\n> Replaced.\n> #Solved\n",
        re="lamp.1 lamp.2",
    )

    say(
        "noise.1",
        "Jill Kerr <j.kerr@northgate.example>",
        "11 09:00:00 +0000",
        "Noise",
        "Room B.011 is next to the drill.\n",
    )
    say("noise.2", OMAR, "11 09:30:00 +0000", "Re: Noise", "The drilling ends today.\n#SOLVED\n", re="noise.1")
    say(
        "noise.3",
        "Jill Kerr <j.kerr@northgate.example>",
        "11 09:30:04 +0000",
        "Automatic reply: Noise",
        "I am away until 24 March.\n",
        re="noise.1 noise.2",
        extra="Auto-Submitted: auto-replied\n",
    )


def solved_again():
    """Opened again and closed again; thanked by another customer; closed by a mail in HTML."""
    say("wifi.1", "Elif Kaya <e.kaya@student.northgate.example>", "11 12:00:00 +0000", "WLAN", "No WLAN on floor 3.\n")
    say("wifi.2", OMAR, "11 12:10:00 +0000", "Re: WLAN", "Rebooted.\n#solved\n", re="wifi.1")
    say(
        "wifi.3",
        "Elif Kaya <e.kaya@student.northgate.example>",
        "11 12:20:00 +0000",
        "Re: WLAN",
        "Gone again.\n",
        re="wifi.2",
    )
    say("wifi.4", OMAR, "11 14:00:00 +0000", "Re: WLAN", "New aerial.\n\n#solved\n-- \nOmar\n", re="wifi.1 wifi.3")
    say(
        "wifi.5",
        "Ole Berg <o.berg@student.northgate.example>",
        "11 14:30:00 +0000",
        "Re: WLAN",
        "Works here too, thanks.\n",
        re="wifi.4",
    )
    say(
        "copy.1",
        "Max Stein <m.stein@student.northgate.example>",
        "12 14:00:00 +0000",
        "Copy of an article",
        "Which login is it?\n",
    )
    reply = "<p>The one of the <i>university</i>.</p><p>#<b>solved</b><br>Mia</p>"
    reply += "<blockquote>Which login is it?</blockquote>"
    say("copy.2", MIA, "12 14:40:00 +0000", "Re: Copy of an article", part(reply, "text/html"), re="copy.1")
    say(
        "copy.3",
        "Max Stein <m.stein@student.northgate.example>",
        "12 15:00:00 +0000",
        "Re: Copy of an article",
        "Thank you!\n",
        re="copy.2",
    )


def reopened():
    """Thanked in 13 words: open again, and due from then on."""
    say(
        "stack.1",
        "Sofia Lindqvist <s.lindqvist@northgate.example>",
        "10 15:00:00 +0000",
        "Journal not on the shelf",
        "The 1987 volume of Acta is not where the catalogue says.\n",
    )
    say(
        "stack.2",
        MIA,
        "11 15:00:00 +0000",
        "Re: Journal not on the shelf",
        "It was at the binder's.\n#solved\n",
        re="stack.1",
    )
    say(
        "stack.3",
        "Sofia Lindqvist <s.lindqvist@northgate.example>",
        "12 16:20:00 +0000",
        "Re: Journal not on the shelf",
        "Thank you, but 1988 is gone too, could you look again?\nSofia Lindqvist\n-- \nChemistry\n",
        re="stack.1 stack.2",
    )


def still_broken():
    """Short, but no thanks; the staff's answer quotes the tag, which is not its own."""
    say(
        "print.1",
        "Tobias Brandt <t.brandt@northgate.example>",
        "11 10:00:00 +0000",
        "Printer takes money twice",
        "Printer 3 charges every page twice.\n",
    )
    say(
        "print.2",
        OMAR,
        "11 10:30:00 +0000",
        "Re: Printer takes money twice",
        "Firmware updated.\n#solved\n",
        re="print.1",
    )
    say(
        "print.3",
        "Tobias Brandt <t.brandt@northgate.example>",
        "13 10:30:00 +0000",
        "Re: Printer takes money twice",
        "Still does it.\n",
        re="print.1 print.2",
    )
    say(
        "print.4",
        OMAR,
        "13 11:00:00 +0000",
        "Re: Printer takes money twice",
        "I call the vendor.\n\nOn Thu, 13 Mar 2025 Tobias Brandt wrote:\n"
        "> Still does it.\n>> Firmware updated.\n#solved\n",
        re="print.1 print.2 print.3",
    )


def not_staff():
    """Closed by people who cannot close: the customer, an address in a display name, a domain that only ends alike."""
    say(
        "thesis.1",
        "M. Osei <m.osei@student.northgate.example>",
        "12 07:30:00 +0000",
        "Binding a thesis",
        "How long does binding take before the deadline?\n",
    )
    say(
        "thesis.2",
        "M. Osei <m.osei@student.northgate.example>",
        "12 08:00:00 +0000",
        "Re: Binding a thesis",
        "Or do I hand in the PDF alone?\n#solved\n",
        re="thesis.1",
    )
    say(
        "thesis.3",
        '"mia@desk.northgate.example" <copyshop@print.example>',
        "12 09:00:00 +0000",
        "Re: Binding a thesis",
        "We bind over night.\n#solved\n",
        re="thesis.1 thesis.2",
    )
    say(
        "alumni.1",
        "K. Ibe <k.ibe@alumni.example>",
        "12 10:00:00 +0000",
        "Alumni and the reading room",
        "May former students use the reading room?\n",
    )
    say(
        "alumni.2",
        "omar@it.desk.northgate.example",
        "12 10:05:00 +0000",
        "Re: Alumni and the reading room",
        "Yes.\n#solved\n",
        re="alumni.1",
    )


def no_requests():
    """Begun by staff, sent by programs."""
    say(
        "notice.1",
        MIA,
        "12 12:00:00 +0000",
        "Lift out of order on Thursday",
        "Dear readers, the lift is serviced on Thursday.\n",
    )
    say(
        "notice.2",
        "Ana Novak <a.novak@northgate.example>",
        "12 12:30:00 +0000",
        "Re: Lift out of order on Thursday",
        "How do I get a wheelchair to D.301 then?\n",
        re="notice.1",
    )
    say(
        "news.1",
        "Publisher news <news@publisher.example>",
        "12 13:00:00 +0000",
        "Save on every invoice",
        "Our spring catalogue is out.\n",
        extra="Precedence: bulk\n",
    )
    say(
        "bounce.1",
        "Mail delivery <postmaster@student.northgate.example>",
        "12 13:10:00 +0000",
        "Undelivered",
        "The mailbox is full.\n",
        extra="Auto-Submitted: auto-generated\n",
    )


def order_of_dates():
    """The later message lies first in the file, with the earlier clock; an alarm began the next thread."""
    say(
        "guest.2",
        "F. Klein <f.klein@guest.example>",
        "13 08:50:00 +0000",
        "Guest account, my second mail",
        "Sorry, from 20 to 22 March, that is. No invoice please.\n",
        re="guest.1",
        extra="Importance: High\n",
    )
    say(
        "guest.1",
        "F. Klein <f.klein@guest.example>",
        "13 09:30:00 +0100",
        "Re: Guest account",
        "I come for three days and need a place to work.\n",
        re="guest.0",
    )
    say(
        "door.1",
        "Door control <alarm@doors.example>",
        "13 06:00:00 +0000",
        "Door 4 open, badge unknown",
        "Door 4 is open.\n",
        extra="Auto-Submitted: auto-generated\n",
    )
    say(
        "door.2",
        "Tobias Brandt <t.brandt@northgate.example>",
        "14 07:00:00 +0000",
        "Re: Door 4 open, bag unknown",
        "Was that one of yours?\n",
        re="door.1",
    )


def day_in_utc():
    """Thursday evening in Toronto is Friday in UTC, Thursday morning in Kolkata is Wednesday."""
    say(
        "map.1",
        "G. Tremblay <g.tremblay@uni.example>",
        "13 21:15:00 -0400",
        "Scan of a map",
        "Could you scan the harbour map of 1902?\n",
    )
    say(
        "thesaurus.1",
        "V. Rao <v.rao@uni.example>",
        "13 00:30:00 +0530",
        "Thesaurus online",
        "Is the historical thesaurus licensed for us?\n",
        extra="Auto-Submitted: no\n",
    )


def copies():
    """Two messages, of which one came three times; the copy through a list looks edited."""
    for number in range(3):
        say(
            "cat.1",
            "Péter Nagy <p.nagy@student.northgate.example>".replace("é", "e"),
            "13 11:00:00 +0000",
            ("", "[service] ", "[service] ")[number] + "Catalogue shows wrong due dates",
            "All my loans show the year 2052."
            + ("", "\n_____\nservice list, invoice free", "\n_____\nservice list, invoice free")[number]
            + "\n",
        )
    say(
        "cat.2",
        "Peter Nagy <p.nagy@student.northgate.example>",
        "13 11:30:00 +0000",
        "Re: Catalogue shows wrong due dates",
        "Screenshot follows.\n",
        re="cat.1",
    )


def impatient():
    """Three messages since staff wrote last; the next thread has three, but not since."""
    say(
        "rent.1",
        "Ines Prado <i.prado@student.northgate.example>",
        "11 08:00:00 +0000",
        "Renting a locker",
        "How do I rent one?\n",
    )
    say("rent.2", MIA, "11 09:00:00 +0000", "Re: Renting a locker", "At the counter.\n", re="rent.1")
    for number, text in enumerate(("Counter is closed?", "Anybody there?", "Hello?"), 3):
        say(
            f"rent.{number}",
            "Ines Prado <i.prado@student.northgate.example>",
            f"1{number} 09:00:00 +0000",
            "Re: Renting a locker",
            f"{text}\n",
            re="rent.1 rent.2",
        )
    say("bag.1", "Ole Berg <o.berg@student.northgate.example>", "13 12:00:00 +0000", "Lost bag", "I lost a blue bag.\n")
    say(
        "bag.2",
        "Ole Berg <o.berg@student.northgate.example>",
        "13 12:05:00 +0000",
        "Re: Lost bag",
        "On floor 1.\n",
        re="bag.1",
    )
    say("bag.3", OMAR, "13 12:10:00 +0000", "Re: Lost bag", "Not found so far.\n", re="bag.2")
    say(
        "bag.4",
        "Ole Berg <o.berg@student.northgate.example>",
        "13 12:20:00 +0000",
        "Re: Lost bag",
        "Please keep looking.\n",
        re="bag.3",
    )


def rank():
    """The Rector's office, with a comma in an encoded name and capitals in the address; a priority with words."""
    say(
        "rector.1",
        "=?iso-8859-1?Q?Oduya=2C_Hannah_=28Rector=29?= <H.Oduya@Northgate.example>",
        "12 17:00:00 +0000",
        "Portrait for the annual report",
        "We need the portrait of the founder in print quality.\n",
    )
    say(
        "exam.1",
        "Law students <council@law.example>",
        "18 10:00:00 +0000",
        "Longer hours before exams",
        "We ask for longer hours, see the petition.\n",
        extra="X-Priority: 2 (High)\n",
    )
    say(
        "calm.1",
        "N. Adeyemi <n.adeyemi@student.northgate.example>",
        "18 10:30:00 +0000",
        "Quiet room",
        "Is there a room for prayer?\n",
        extra="X-Priority: 3 (Normal)\n",
    )


def missing_parent():
    """Two messages answer one that is not in the mailbox."""
    say(
        "phone.1",
        "B. Lund <b.lund@museum.example>",
        "18 11:00:00 +0000",
        "As discussed on the phone",
        "Attached is our loan form. The courier rings at the gate.\n",
        re="call.0",
    )
    say(
        "phone.2",
        "B. Lund <b.lund@museum.example>",
        "18 12:00:00 +0000",
        "And one thing more",
        "The case must be no taller than the lift.\n",
        extra=f"In-Reply-To: {message_id('call.0')}\n",
    )


def same_subject():
    """Two people, one subject, no thread."""
    say(
        "cold.1",
        "Ana Novak <a.novak@northgate.example>",
        "18 13:00:00 +0000",
        "Too cold",
        "HEATING in the law library is off.\n",
    )
    say(
        "cold.2",
        "Ravi Desai <r.desai@northgate.example>",
        "18 13:20:00 +0000",
        "Re: Too cold",
        "It is 15 degrees in E.120.\n",
    )


def numbers():
    """A DOI and an ISBN, and what only looks like them."""
    say(
        "paper.1",
        "Sofia Lindqvist <s.lindqvist@northgate.example>",
        "18 14:00:00 +0000",
        "A paper we do not have",
        "Please get me https://doi.example/10.1021/acs.joc.5b00123, the heating of my patience is on.\n",
    )
    say(
        "book.1",
        "Tobias Brandt <t.brandt@northgate.example>",
        "18 14:10:00 +0000",
        "Please buy",
        "For the workshop: 978-3-16-148410-0, two copies, for the shelf in A.101.\n",
    )
    say(
        "book.2",
        "Jill Kerr <j.kerr@northgate.example>",
        "18 14:20:00 +0000",
        "Which edition is this?",
        "The back says 978 0 306 40615 8, and 97803064061572 would be too long. "
        "Version 10.12/3 of the app finds nothing.\n",
    )
    say(
        "room.1",
        "Elif Kaya <e.kaya@student.northgate.example>",
        "18 14:30:00 +0000",
        "Where is this?",
        "My timetable says b.214, HAB.214 and G.100. Which card_reader do I use?\n",
    )
    say(
        "room.2",
        "Elif Kaya <e.kaya@student.northgate.example>",
        "18 14:40:00 +0000",
        "Found it",
        "It is F.109, and it is locked.\n",
    )


def from_line():
    """Unquoted, the line is the customer's own; quoted it would be gone."""
    say(
        "drip.1",
        "Gus Meyer <g.meyer@student.northgate.example>",
        "16 08:00:00 +0000",
        "Water",
        "There is water on the stairs.\nFrom the lift it runs down to the first floor.\n> not my fault\n",
    )


def html_alone():
    """HTML in base64 and Latin 1; what is quoted in it or styled does not count, words across tags do."""
    html = (
        "<html><head><title>card</title><style>.badge{color:red}</style></head><body><p>Bonjour,</p><div>l'inter<b>library"
        "</b> loan &eacute;tait<br>parfait, mais o\xf9 est le second volume&nbsp;?</div>"
        "<blockquote><p>Your password expires, says Mia.</p></blockquote></body></html>"
    )
    say(
        "fr.1",
        "Chlo=?utf-8?Q?=C3=A9?= Petit <c.petit@uni.example>",
        "19 08:30:00 +0100",
        "=?utf-8?Q?Pr=C3=AAt?=",
        part(html, "text/html", "iso-8859-1", "base64"),
    )


def subject_encoded():
    """The word stands in an encoded subject, broken between two encoded words; later subjects do not count."""
    say(
        "enc.1",
        "Yuki Tanaka <y.tanaka@guest.example>",
        "19 09:00:00 +0000",
        "=?utf-8?B?TXkgbG9n?=\n =?utf-8?B?aW4gZm9yIHRoZSBhcmNoaXZl?=",
        "See above. The invoice was paid.\n",
    )
    say(
        "sub.1",
        "Zoe Walsh <z.walsh@guest.example>",
        "19 09:10:00 +0000",
        "Family tree",
        "I look for baptisms of 1840.\n",
    )
    say(
        "sub.2",
        "Zoe Walsh <z.walsh@guest.example>",
        "19 09:20:00 +0000",
        "Reader's card and family tree",
        "In Riverside.\n",
        re="sub.1",
    )


def quoted():
    """What staff asked is not what the customer says."""
    say(
        "seat.1",
        "Nora Fay <n.fay@student.northgate.example>",
        "19 10:00:00 +0000",
        "Booking a seat",
        "The page stays white.\n",
    )
    say(
        "seat.2",
        OMAR,
        "19 10:10:00 +0000",
        "Re: Booking a seat",
        "Do you get to the login? Is your card valid?\n",
        re="seat.1",
    )
    say(
        "seat.3",
        "Nora Fay <n.fay@student.northgate.example>",
        "19 10:20:00 +0000",
        "Re: Booking a seat",
        "> Do you get to the login?\nNo, white before that.\n-----Original Message-----\n"
        "From: Omar Said\nDo you get to the login? Is your card valid?\n",
        re="seat.1 seat.2",
    )


def alternatives():
    """The plain part is the text; a text that is attached is not."""
    plain, html = (
        part("Where do old newspapers go?\n"),
        part("<p>Where do old newspapers go? Lost <b>badge</b> ads?</p>\n", "text/html"),
    )
    say(
        "paper.9",
        "Hal Quist <h.quist@guest.example>",
        "19 11:00:00 +0000",
        "Newspapers",
        several(
            several(html, plain, kind="alternative", boundary="=_inner"),
            attached("filename=scan.pdf"),
            boundary="=_outer",
        ),
    )
    log = part(
        "08:00 login ok\n08:01 password changed\n", extra='Content-Disposition: ATTACHMENT; filename="session.txt"\n'
    )
    say(
        "film.1",
        "Ida Roth <i.roth@guest.example>",
        "19 11:30:00 +0000",
        "Microfilm reader freezes",
        several(log, part("The reader in C.015 freezes, its log is attached.\n")),
    )


def attachments():
    """Names in RFC 2231 with continuation and in RFC 2047; a program inside an attached mail; one that staff sent."""
    say(
        "virus.1",
        "Rudi Vogt <r.vogt@guest.example>",
        "19 12:00:00 +0000",
        "Unpaid",
        several(
            part("Open at once.\n"), attached("\n filename*0*=utf-8''Mahnung%20M%C3%A4rz;\n filename*1*=%2Epdf%2EEXE")
        ),
    )
    say(
        "virus.2",
        "Uta Vogt <u.vogt@guest.example>",
        "20 12:00:00 +0000",
        "Your badge",
        several(part("As ordered.\n"), attached('filename="=?utf-8?B?YmFkZ2UuanM=?="')),
    )
    inner = several(part("Win a card! Give us your password!\n"), attached("filename=prize.scr"), boundary="=_deep")
    inner = (
        b"From: win@prize.example\nTo: l.moreau@northgate.example\nSubject: phishing for cards\nMIME-Version: 1.0\n"
        + inner
    )
    say(
        "spam.1",
        "Sam Poe <s.poe@student.northgate.example>",
        "20 12:30:00 +0000",
        "Is this real?",
        several(
            part("I got the attached mail.\n"),
            b"Content-Type: message/rfc822\nContent-Disposition: attachment\n\n" + inner,
        ),
    )
    say(
        "tool.1",
        "Tobias Brandt <t.brandt@northgate.example>",
        "20 13:00:00 +0000",
        "Viewer for floor plans",
        "Which viewer opens them?\n",
    )
    say(
        "tool.2",
        MIA,
        "20 13:30:00 +0000",
        "Re: Viewer for floor plans",
        several(part("Try this one, it is no malware.\n"), attached('filename="viewer.exe"')),
        re="tool.1",
    )


def others():
    """A second customer speaks in the thread; the requester stays the first."""
    say(
        "bike.1",
        "Lea Simon <l.simon@student.northgate.example>",
        "20 14:00:00 +0000",
        "Bicycle",
        "My bicycle is gone from the rack.\n",
    )
    say(
        "bike.2",
        "Max Stein <m.stein@student.northgate.example>",
        "20 14:30:00 +0000",
        "Re: Bicycle",
        "Mine was stolen there as well.\n",
        extra=f"References: {message_id('bike.1')}\n",
    )
    say(
        "clock.1",
        "Ana Novak <a.novak@northgate.example>",
        "20 15:00:00 +0000",
        "The clock is wrong",
        "It is an hour slow.\n",
    )
    say("clock.2", OMAR, "20 15:10:00 +0000", "Re: The clock is wrong", "Set.\n#solved\n", re="clock.1")
    say(
        "clock.3",
        "Jill Kerr <j.kerr@northgate.example>",
        "20 15:20:00 +0000",
        "Re: The clock is wrong",
        "Now it has stopped.\n",
        re="clock.1 clock.2",
    )
    say(
        "clock.4",
        "Ana Novak <a.novak@northgate.example>",
        "20 15:30:00 +0000",
        "Re: The clock is wrong",
        "Thanks for trying!\n",
        re="clock.3",
    )


def main():
    for thread in (
        opening_hours,
        soft_break,
        solved,
        solved_again,
        reopened,
        still_broken,
        not_staff,
        no_requests,
        order_of_dates,
        day_in_utc,
        copies,
        impatient,
        rank,
        missing_parent,
        same_subject,
        numbers,
        from_line,
        html_alone,
        subject_encoded,
        quoted,
        alternatives,
        attachments,
        others,
    ):
        thread()
    INBOX.parent.mkdir(parents=True, exist_ok=True)
    INBOX.write_bytes(b"".join(BOX))


if __name__ == "__main__":
    main()
