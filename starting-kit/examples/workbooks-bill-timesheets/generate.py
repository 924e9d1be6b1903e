"""Write five timesheets as Excel workbooks, each by another program's habits, and the list of rates.

    python3 generate.py

The same seed gives the same bytes: nothing is compressed, and every file inside has one date. The agent never sees this
file, which says what each workbook was made to mislead with.
"""

import random
import zipfile
from datetime import date, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

TIMESHEETS = Path(__file__).resolve().parent / "environment" / "timesheets"
SEED = 202503
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RATES = {"AQUA-1": "85.50", "AQUA-2": "92.50", "BRIDGE": "120.00", "FERRY-7": "64.30", "GRID": "101.10"}
TASKS = ("Survey & drawings", "Meeting", "Report <draft>", "Site visit", "Calculations")
COLUMNS = ("Date", "Project", "Task", "Hours", "Billable")


class Book:
    """A workbook that is being written; ``texts`` is how it keeps text: shared, rich or inline."""

    def __init__(self, texts="shared", mac_dates=False):
        self.texts = texts
        self.epoch = date(1904, 1, 1) if mac_dates else date(1899, 12, 30)
        self.mac_dates = mac_dates
        self.shared = []
        self.sheets = []

    def text(self, value):
        """Return the attributes and the content of a cell of text."""
        if self.texts == "inline":
            return ' t="inlineStr"', f'<is><t xml:space="preserve">{escape(value)}</t></is>'
        if value not in self.shared:
            self.shared.append(value)
        return ' t="s"', f"<v>{self.shared.index(value)}</v>"

    def cell(self, place, value):
        """Return a cell: None, text, a number, True or False, a date, or (value, what kind)."""
        value, kind = value if isinstance(value, tuple) else (value, "")
        style = {"duration": ' s="2"', "clock": ' s="3"'}.get(kind, "")
        if value is None:
            return f'<c r="{place}" s="1"/>'
        if isinstance(value, bool):
            return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
        if isinstance(value, date):
            return f'<c r="{place}" s="1"><v>{(value - self.epoch).days}</v></c>'
        if kind == "error":
            return f'<c r="{place}" t="e"><f>VLOOKUP(B9,Rates!A:B,2,0)</f><v>{value}</v></c>'
        if kind == "formula" and isinstance(value, str):
            return f'<c r="{place}" t="str"><f>UPPER("x")</f><v>{escape(value)}</v></c>'
        if isinstance(value, str):
            attributes, content = self.text(value)
            return f'<c r="{place}"{attributes}>{content}</c>'
        formula = "<f>SUM(H1:H9)</f>" if kind == "formula" else ""
        number = repr(value / 24) if kind in ("duration", "clock") else repr(value)
        return f'<c r="{place}"{style}>{formula}<v>{number}</v></c>'

    def add(self, name, rows, *, hidden_rows=(), merged=(), state="visible"):
        """Add a sheet; ``rows`` maps a row's number to its values."""
        lines = []
        for number, values in rows.items():
            cells = "".join(self.cell(f"{'ABCDEFG'[i]}{number}", v) for i, v in enumerate(values) if v != "")
            hidden = ' hidden="1"' if number in hidden_rows else ""
            lines.append(f'<row r="{number}"{hidden}>{cells}</row>')
        areas = "".join(f'<mergeCell ref="{area}"/>' for area in merged)
        merges = f'<mergeCells count="{len(merged)}">{areas}</mergeCells>' if merged else ""
        self.sheets.append(
            (name, state, f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData>{merges}</worksheet>')
        )

    def shared_item(self, value):
        """Return an item of the shared strings; a rich one is cut into runs."""
        if self.texts == "rich" and len(value) > 3:
            runs = (value[:2], value[2:])
            return (
                "<si>"
                + "".join(f'<r><rPr><b/></rPr><t xml:space="preserve">{escape(r)}</t></r>' for r in runs)
                + "</si>"
            )
        return f'<si><t xml:space="preserve">{escape(value)}</t></si>'

    def save(self, path, *, reverse=False, absolute=False):
        """Write the file; ``reverse`` numbers the sheets' files from the last, ``absolute`` names them from the root."""
        order = range(len(self.sheets), 0, -1) if reverse else range(1, len(self.sheets) + 1)
        base = "/xl/" if absolute else ""
        links = [(f"rId{n + 4}", "worksheet", f"{base}worksheets/sheet{n}.xml") for n in order]
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{i}" state="{state}" r:id="{link[0]}"/>'
            for i, ((name, state, _), link) in enumerate(zip(self.sheets, links), 1)
        )
        others = [("rId1", "styles", f"{base}styles.xml"), ("rId2", "sharedStrings", f"{base}sharedStrings.xml")]
        related = "".join(
            f'<Relationship Id="{i}" Type="{OFFICE}/{t}" Target="{to}"/>' for i, t, to in [*others, *links]
        )
        kinds = {"worksheet": "worksheet", "styles": "styles", "sharedStrings": "sharedStrings"}
        overrides = "".join(
            f'<Override PartName="/xl/{to.removeprefix("/xl/")}" ContentType="application/vnd.openxmlformats-officedocument'
            f'.spreadsheetml.{kinds[t]}+xml"/>'
            for _, t, to in [*others, *links]
        )
        formats = "".join(f'<xf numFmtId="{n}" fontId="0" fillId="0" borderId="0"/>' for n in (0, 14, 164, 20))
        settings = '<workbookPr date1904="1"/>' if self.mac_dates else "<workbookPr/>"
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType="application/vnd.openxml'
            'formats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxml'
            f'formats-officedocument.spreadsheetml.sheet.main+xml"/>{overrides}</Types>',
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{settings}'
            f"<sheets>{listed}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>',
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="[h]:mm"/>'
            '</numFmts><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill patternType="none"/></fill>'
            '</fills><borders count="1"><border/></borders>'
            f'<cellXfs count="4">{formats}</cellXfs></styleSheet>',
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"".join(map(self.shared_item, self.shared))}</sst>',
        }
        for number, (_, _, sheet) in zip(order, self.sheets):
            parts[f"xl/worksheets/sheet{number}.xml"] = sheet
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for name, text in parts.items():
                head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
                archive.writestr(zipfile.ZipInfo(name, (2025, 4, 1, 9, 0, 0)), head + text)


def lines(rng, count):
    """Return rows of honest work in March, by date."""
    days = sorted(date(2025, 3, 1) + timedelta(days=rng.randrange(31)) for _ in range(count))
    return [
        [day, rng.choice(list(RATES)), rng.choice(TASKS), rng.randrange(1, 25) / 4, rng.random() < 0.85] for day in days
    ]


def amara(rng):
    """A plain one; the sheet is not the first, and its file is not the second."""
    book = Book()
    rows = lines(rng, 18)
    rows[3][1] = " aqua-1 "
    rows[7][1] = "Grid"
    rows[9] = [date(2025, 2, 28), "HARBOUR", "Meeting", 2.5, True]
    rows[11][1], rows[11][4] = "HARBOUR", True
    book.add(
        "Notes",
        {1: ["Hours of Amara, please bill monthly"], 2: COLUMNS, 3: [date(2025, 3, 3), "GRID", "Copy", 99, True]},
    )
    book.add(
        "Timesheet", {1: COLUMNS, **dict(enumerate(rows, 2)), 21: ["Total", "", "", sum(row[3] for row in rows), True]}
    )
    book.save(TIMESHEETS / "amara.xlsx", reverse=True)


def bo(rng):
    """Dates count from 1904, and text is cut into runs."""
    book = Book("rich", mac_dates=True)
    rows = lines(rng, 16)
    rows[2][0], rows[15][0] = date(2025, 3, 1), date(2025, 3, 31)
    rows[2][4] = rows[15][4] = True
    rows.append([date(2025, 4, 1), "FERRY-7", "Site visit", 3.0, True])
    book.add("Timesheet", {3: ["March"], 4: COLUMNS, **dict(enumerate(rows, 6))})
    book.save(TIMESHEETS / "bo.xlsx")


def chen(rng):
    """Other columns, text inside the cells, hours as durations of which some are longer than a day's clock."""
    book = Book("inline")
    rows = [
        [True if i % 5 else billable, task, day, (hours, "duration"), project]
        for i, (day, project, task, hours, billable) in enumerate(lines(rng, 15))
    ]
    rows[4][3] = (26.25, "duration")
    rows[6][3] = 7.5  # typed as a number
    rows[8][3] = (0, "duration")
    rows[8][0] = rows[10][0] = True
    rows[10][3] = "5 h"
    book.add("Timesheet", {1: ["Billable", "Task", "Date", "Hours", "Project"], **dict(enumerate(rows, 2))})
    book.save(TIMESHEETS / "chen.xlsx", absolute=True)


def dara(rng):
    """Merged projects, hidden rows, formulas, errors."""
    book = Book()
    rows = dict(enumerate(lines(rng, 20), 3))
    for first, last in ((4, 6), (9, 10), (15, 18)):
        for number in range(first + 1, last + 1):
            rows[number][1] = None
    rows[5][4] = rows[8][4] = rows[17][4] = rows[20][4] = rows[21][4] = True
    rows[7][3] = (4.75, "formula")
    rows[8][1] = ("BRIDGE", "formula")
    rows[12][3], rows[12][4] = ("#N/A", "error"), True
    rows[13][3], rows[13][4] = ("#VALUE!", "error"), False
    rows[20][3] = -2.0
    rows[21][1] = None
    rows[22][4] = None
    book.add(
        "Timesheet",
        {1: ["Dara"], 2: COLUMNS, **rows},
        hidden_rows=(8, 11, 17),
        merged=("B4:B6", "B9:B10", "B15:B18", "C20:C21"),
    )
    book.save(TIMESHEETS / "dara.xlsx")


def edo(rng):
    """Headings between the weeks, older sheets of almost the same name, hours on the clock."""
    book = Book("rich")
    work = [[day, project, task, (hours, "clock"), billable] for day, project, task, hours, billable in lines(rng, 17)]
    work[5][1:] = ["AQUA 2", "Meeting", None, True]
    work[14][3], work[14][4] = None, True
    rows, number = {}, 3
    for index, row in enumerate(work):
        if index % 6 == 0:
            rows[number] = [f"Week {index // 6 + 10}", "GRID", "", 8, True]
            number += 2
        rows[number] = row
        number += 1
    old = dict(enumerate(lines(rng, 6), 2))
    book.add("Timesheet (old)", {1: COLUMNS, **old}, state="hidden")
    book.add("Timesheet 2", {1: COLUMNS, **old})
    book.add("Timesheet", {2: COLUMNS, **rows})
    book.save(TIMESHEETS / "edo.xlsx", reverse=True, absolute=True)


def main():
    TIMESHEETS.mkdir(parents=True, exist_ok=True)
    for number, person in enumerate((amara, bo, chen, dara, edo)):
        person(random.Random(SEED + number))
    rates = "".join(f"{project},{rate}\n" for project, rate in RATES.items())
    (TIMESHEETS / "rates.csv").write_text(f"project,eur_per_hour\n{rates}", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
