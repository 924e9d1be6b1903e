"""Write the minutes of six meetings as Word documents, and a lock file that Word left behind.

    python3 generate.py

The same bytes each time: nothing is compressed, and every file inside has one date. The agent never sees this file.

In the texts below [-x-] is deleted, [+x+] inserted, [<x<] moved away, [>x>] moved here, {{x}} a control, ((x)) a
link; | ends a run, a tab or a line feed is one. A row that starts with "-row" or "+row" is deleted or inserted.
"""

import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

MINUTES = Path(__file__).resolve().parent / "environment" / "minutes"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WHO = 'w:author="T. Sandvik" w:date="2025-01-01T09:00:00Z"'
MARK = re.compile(r"\[([-+<>])(.*?)\1\]|\{\{(.*?)\}\}|\(\((.*?)\)\)", re.DOTALL)
WRAP = {"-": "del", "+": "ins", "<": "moveFrom", ">": "moveTo"}
PEOPLE = {
    "RA": ("Rosa Almeida", "Director"),
    "TS": ("Tor Sandvik", "Project office"),
    "KM": ("Karin Möller", "Exhibitions"),
    "BO": ("Bashir Osman", "Building services"),
    "LF": ("Léa Fournier", "Conservation"),
    "JW": ("Jo Wierzbicki", "Visitor services"),
}
LATER = PEOPLE | {"KM": ("Kofi Mensah", "Exhibitions")}
ACTIONS = ("No.", "Action", "Owner", "Due", "Status")

MEETINGS = {
    "minutes_kickoff.docx": [
        "Harbour Museum – permanent exhibition, steering group",
        "Date: 14 January 2025",
        PEOPLE,
        "1. The board released the first third of the budget. All items below were agreed by those present.",
        [
            ACTIONS,
            ("A1", "Sign the contract with the lighting planner", "RA", "24.01.2025", "open"),
            ("A2", "Measure the floor load of hall 3", "BO", "next meeting", "open"),
            ("A3", "List the objects on loan, with lender and insured value", "KM", "11 February 2025", "open"),
            ("A4", "Draft the text panels for the “Tide” room", "KM", "07.03.2025", "open"),
            ("A5", ("Ask three firms for showcase offers:", "glass, locks, climate"), "LF/BO", "28.02.2025", "open"),
            ("A6", "Book the crane", "BO", "[-04.02.2025-][+18.03.2025+]", "open"),
            ("A7", "Write the visitor survey", "JW", "14 March 2025", "{{open}}"),
            ("A8", "Choose the audio guide", "JW/KM", "next meeting", "open"),
        ],
        "Next meeting: 28 January 2025",
    ],
    "Minutes-2025-01-28.docx": [
        "Steering group, second meeting",
        "Date: 28 January 2025",
        PEOPLE,
        [
            ("Budget line", "Planned", "Spent", "Status"),
            ("Showcases", "184,000", "0", "open"),
            ("Lighting", "96,500", "12,000", "open"),
        ],
        "2. Building",
        [
            ACTIONS,
            ("A1", "–", "–", "–", "Done, signed on 22 January"),
            ("A2", "", "", "11.02.2025", "in progress"),
            ("-row", "A4", "–", "–", "–", "dropped"),
            ("A8", "", "", "", "in progress"),
            (
                "+row",
                "[+A9+]",
                "[+Replace the smoke detectors above the tank+]",
                "[+BO+]",
                "[+next meeting+]",
                "[+open+]",
            ),
            (
                "A10",
                "Agree [-with the fire brigade-]|[+with the insurer and the fire brigade+] on the escape route",
                "TS",
                "21.03.2025",
                "open",
            ),
        ],
        "3. Visitors",
        [
            ("Status", "No.", "Owner", "Action", "Due", "Remarks"),
            ("open", "A11", "JW", "Translate the house rules (da, de, pl)", "28 March 2025", "offer of A7 may help"),
            (
                "open",
                "A12",
                "JW",
                "Order 400 lanyards, “recycled” quality",
                "21 March 2025",
                "dropped from the spring order",
            ),
        ],
        "Next meeting: 11 February 2025",
    ],
    "0211 steering group final.docx": [
        "Steering group, third meeting",
        "Date: [-10 February 2025-]|[+11 February 2025+]",
        PEOPLE,
        "RA reports that A1 is done and that A5 is dropped from the agenda of the board.",
        [
            ("No.", "Due", "Action", "Owner", "Status"),
            ("A2", "–", "–", "–", "done"),
            ("A3", "25 February 2025", "–", "–", "open"),
            ("A6", "–", "Book the crane [<and the escort<]for the lifeboat[> and the escort>]", "–", "{{open}}"),
            ("A9", "", "", "", "dropped [-–-][+(detectors are new)+]"),
            ("A13", "next meeting", "Find a store for the diorama; see ((the list of stores)), p. 4", "KM", "open"),
            (
                "+row",
                "[+A14+]",
                "[+04.04.2025+]",
                ("[+Check\tlift 2\nfor 2.5 t+]", "[+(the plate says 2 t)+]"),
                "[+BO / TS+]",
                "[+open+]",
            ),
        ],
        "Next meeting: 25 February 2025",
    ],
    "minutes_2502_rev2.docx": [
        "Steering group, fourth meeting. Karin Möller has left the museum; Kofi Mensah takes over the exhibitions.",
        "Date: 25 February 2025",
        LATER,
        [
            ACTIONS,
            ("A3", "-", "-", "-", "[-open-][+DONE+]"),
            ("A4", "–", "KM", "[<21.03.2025<][>28.03.2025>]", "open"),
            ("A8", "–", "–", "–", "done"),
            ("A10", "–", "–", "next meeting", "[+{{waiting for the insurer}}+]"),
            ("A12", "–", "–", "–", "Dropped"),
            ("-row", "[-A13-]", "[-–-]", "[-TS-]", "[-–-]", "[-done-]"),
            ("A15", "Invite the lenders to the opening", "RA/KM", "09.05.2025", "open"),
        ],
        "Next [-meeting: 18 March 2025-][+meeting: 11 March 2025+]",
    ],
    "minutes_1103.docx": [
        "Steering group, fifth meeting",
        "Date: 11 March 2025",
        LATER,
        [
            ACTIONS,
            ("A5", "–", "–", "–", "done"),
            ("A7", "–", "–", "–", "done"),
            ("A13", "–", "–", "{{Next Meeting}}", "in progress"),
            ("A15", "Invite the lenders[+, press and neighbours+] to the [-opening-][+preview+]", "", "", ""),
            ("A16", "Test the tide machine for 72 h", "BO", "25 April 2025", "open"),
        ],
        [
            ("No.", "Decision", "Owner"),
            ("A15", "The preview is by invitation only", "BO"),
        ],
        "Next meeting: 25 March 2025",
    ],
    "Minutes-2025-03-25-DRAFT.docx": [
        "Steering group, sixth meeting",
        "Date: 25 March 2025",
        LATER,
        [
            ACTIONS,
            ("A7", "Print the visitor survey", "–", "next meeting", "reopened: 40 copies are missing"),
            ("A11", "–", "TS/JW", "–", "not done yet"),
            ("A12", "–", "KM", "–", "–"),
            ("A16", "–", "–", "–", "[-done-][+done at 48 h only+][<, +<]"),
            ("[+A17+]", "Hand the floor plans to [-LF-][+the printer+]", "[-LF/-]RA/LF", "28.03.2025", "[+open+]"),
        ],
        "Next meeting: 8 April 2025",
    ],
}


def runs(text, kind="t"):
    """Return the runs of a text without marks."""
    found = []
    for part in text.split("|"):
        pieces = re.split(r"([\t\n])", part)
        inner = "".join(
            {"\t": "<w:tab/>", "\n": "<w:br/>"}.get(piece, f'<w:{kind} xml:space="preserve">{escape(piece)}</w:{kind}>')
            for piece in pieces
            if piece
        )
        found.append(f'<w:r><w:rPr><w:lang w:val="en-GB"/></w:rPr>{inner}</w:r>' if inner else "")
    return "".join(found)


def marked(text):
    """Return the content of a paragraph."""
    content, done = "", 0
    for match in MARK.finditer(text):
        content += runs(text[done : match.start()])
        done = match.end()
        sign, changed, control, link = match.groups()
        if control:
            content += (
                f'<w:sdt><w:sdtPr><w:tag w:val="status"/></w:sdtPr><w:sdtContent>{runs(control)}</w:sdtContent></w:sdt>'
            )
        elif link:
            content += f'<w:hyperlink w:anchor="stores">{runs(link)}</w:hyperlink>'
        else:
            inner = runs(changed, "delText") if sign == "-" else marked(changed)
            content += f'<w:{WRAP[sign]} w:id="{len(content)}" {WHO}>{inner}</w:{WRAP[sign]}>'
    return content + runs(text[done:])


def paragraph(text):
    """Return a paragraph."""
    return f"<w:p>{marked(text)}</w:p>"


def row(cells):
    """Return a row of a table."""
    change = {"-row": "del", "+row": "ins"}.get(cells[0])
    content = f'<w:trPr><w:{change} w:id="9" {WHO}/></w:trPr>' if change else ""
    for cell in cells[1:] if change else cells:
        texts = (cell,) if isinstance(cell, str) else cell
        content += f'<w:tc><w:tcPr><w:tcW w:w="1800" w:type="dxa"/></w:tcPr>{"".join(map(paragraph, texts))}</w:tc>'
    return f"<w:tr>{content}</w:tr>"


def table(rows):
    """Return a table."""
    return f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/></w:tblPr>{"".join(map(row, rows))}</w:tbl><w:p/>'


def body(blocks):
    """Return the text of word/document.xml."""
    content = ""
    for block in blocks:
        if isinstance(block, dict):
            block = [("Initials", "Name", "Role"), *((short, *person) for short, person in block.items())]
        content += table(block) if isinstance(block, list) else paragraph(block)
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document xmlns:w="{WORD}"><w:body>{content}'
        "<w:sectPr/></w:body></w:document>"
    )


PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
}


def main():
    MINUTES.mkdir(parents=True, exist_ok=True)
    for name, blocks in MEETINGS.items():
        with zipfile.ZipFile(MINUTES / name.replace(" ", "_"), "w", zipfile.ZIP_STORED) as archive:
            for part, text in (PARTS | {"word/document.xml": body(blocks)}).items():
                archive.writestr(zipfile.ZipInfo(part, (2025, 1, 1, 0, 0, 0)), text.encode())
    owner = "Tor Sandvik"
    lock = (
        bytes([len(owner)]) + owner.encode().ljust(54) + bytes([len(owner), 0]) + owner.encode("utf-16-le").ljust(105)
    )
    (MINUTES / "~$nutes-2025-03-25-DRAFT.docx").write_bytes(lock)


if __name__ == "__main__":
    main()
