#!/bin/bash
set -euo pipefail
cat /srv/skills/xlsx-with-python/SKILL.md
cat /srv/timesheets/rates.csv
for book in /srv/timesheets/*.xlsx; do python3 -m zipfile -l "$book"; done

cat > /root/bill.py <<'PY'
import csv
import posixpath
import re
import sys
import zipfile
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, "/srv/skills/xlsx-with-python/scripts")
from write_xlsx import write_xlsx

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CLOCKS = {*range(18, 23), *range(45, 48)}
ERROR = object()
CENT = Decimal("0.01")


def column(place):
    number = 0
    for letter in re.match("[A-Z]+", place)[0]:
        number = number * 26 + ord(letter) - 64
    return number


class Workbook:
    def __init__(self, path):
        self.archive = zipfile.ZipFile(path)
        self.book = self.part("xl/workbook.xml")
        settings = self.book.find(f"{MAIN}workbookPr")
        mac = settings is not None and settings.get("date1904") in ("1", "true")
        self.epoch = date(1904, 1, 1) if mac else date(1899, 12, 30)
        self.texts = [self.joined(item) for item in self.part("xl/sharedStrings.xml")]
        styles = self.part("xl/styles.xml")
        codes = {int(f.get("numFmtId")): f.get("formatCode") for f in styles.iter(f"{MAIN}numFmt")}
        formats = [int(style.get("numFmtId")) for style in styles.find(f"{MAIN}cellXfs")]
        self.in_days = [f in CLOCKS or "h" in codes.get(f, "").lower() for f in formats]

    def part(self, name):
        return ElementTree.fromstring(self.archive.read(name))

    def joined(self, item):
        return "".join(text.text or "" for text in item.iter(f"{MAIN}t"))

    def sheet(self, name):
        (sheet,) = (s for s in self.book.iter(f"{MAIN}sheet") if s.get("name") == name)
        links = {link.get("Id"): link.get("Target") for link in self.part("xl/_rels/workbook.xml.rels")}
        return self.part(posixpath.join("/xl", links[sheet.get(LINK)]).lstrip("/"))

    def value(self, cell):
        kind, value = cell.get("t", "n"), cell.findtext(f"{MAIN}v")
        if kind == "inlineStr":
            return self.joined(cell)
        if value is None:
            return None
        if kind == "s":
            return self.texts[int(value)]
        return {"b": lambda: value == "1", "e": lambda: ERROR, "str": lambda: value, "n": lambda: Decimal(value)}[kind]()

    def rows(self, name):
        """Yield (number, hidden, column → (value, whether it is in days))."""
        sheet, cells, hidden = self.sheet(name), {}, {}
        for row in sheet.iter(f"{MAIN}row"):
            number = int(row.get("r"))
            hidden[number] = row.get("hidden") == "1"
            for cell in row:
                cells[number, column(cell.get("r"))] = self.value(cell), self.in_days[int(cell.get("s", "0"))]
        for area in sheet.iter(f"{MAIN}mergeCell"):
            first, last = area.get("ref").split(":")
            top, left = int(re.search(r"\d+", first)[0]), column(first)
            for number in range(top, int(re.search(r"\d+", last)[0]) + 1):
                for place in range(left, column(last) + 1):
                    cells[number, place] = cells[top, left]
        for number in sorted(hidden):
            yield number, hidden[number], {c: value for (n, c), value in cells.items() if n == number}


def records(path):
    """Yield (row number, date, project, hours, billable) of what counts on a timesheet."""
    book, header = Workbook(path), None
    for number, hidden, cells in book.rows("Timesheet"):
        if header is None:
            names = {value: place for place, (value, _) in cells.items()}
            header = names if "Date" in names else None
            continue
        row = {name: cells.get(place, (None, False)) for name, place in header.items()}
        if hidden or not isinstance(row["Date"][0], Decimal):
            continue
        hours, in_days = row["Hours"]
        if isinstance(hours, Decimal):
            hours = (hours * (24 if in_days else 1)).quantize(CENT, ROUND_HALF_UP)
        project = row["Project"][0]
        project = project.strip().upper() if isinstance(project, str) else None
        yield number, book.epoch + timedelta(days=int(row["Date"][0])), project, hours, row["Billable"][0] is True


rates = {row["project"]: Decimal(row["eur_per_hour"]) for row in csv.DictReader(open("/srv/timesheets/rates.csv"))}
billed, queries = defaultdict(Decimal), []
for path in sorted(Path("/srv/timesheets").glob("*.xlsx")):
    for number, day, project, hours, billable in records(path):
        if not billable:
            continue
        if (day.year, day.month) != (2025, 3):
            queries.append([path.stem, number, "date"])
        elif project not in rates:
            queries.append([path.stem, number, "project"])
        elif not isinstance(hours, Decimal) or hours <= 0:
            queries.append([path.stem, number, "hours"])
        else:
            billed[project, path.stem] += hours

rows = [[*who, hours, (hours * rates[who[0]]).quantize(CENT, ROUND_HALF_UP)] for who, hours in sorted(billed.items())]
rows.append(["Total", None, sum(row[2] for row in rows), sum(row[3] for row in rows)])
write_xlsx(
    "/root/invoice.xlsx",
    {"Invoice": [["Project", "Person", "Hours", "Amount"], *rows], "Queries": [["Person", "Row", "Query"], *queries]},
)
for row in [*rows, *queries]:
    print(*row)
PY

python3 /root/bill.py
