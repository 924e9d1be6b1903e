"""Compare the invoice and the queries with what the rules of the prompt give on the pristine timesheets."""

import csv
import os
import re
import zipfile
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

INVOICE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "invoice.xlsx"
TIMESHEETS = Path("/srv/timesheets")
LARGEST = 1_000_000
"""Bytes of a workbook, and of each file inside it once it is unpacked."""
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,20})?([eE][-+]?\d{1,2})?")
CLOCKS = ("18", "19", "20", "21", "22", "45", "46", "47")


class Broken(AssertionError):
    """A workbook that cannot be read; the agent's fails the test with it."""


def local(element):
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def find(element, name):
    """Return every element of that name inside another, in order."""
    return [inner for inner in element.iter() if local(inner) == name]


def text_of(element):
    """Return a text, its runs joined; what is only there to be read aloud is left out."""
    aloud = {text for phonetic in find(element, "rPh") for text in find(phonetic, "t")}
    return "".join(text.text or "" for text in find(element, "t") if text not in aloud)


class Book:
    """A workbook, read within limits: it may come from the agent."""

    def __init__(self, path):
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
            raise Broken(f"{path} is no file of at most {LARGEST} bytes")
        try:
            with zipfile.ZipFile(path) as archive:
                self.parts = {name: self.unpacked(archive, name) for name in archive.namelist()[:50]}
        except (
            zipfile.BadZipFile,
            zipfile.LargeZipFile,
            NotImplementedError,
            RuntimeError,
            EOFError,
            OSError,
        ) as error:
            raise Broken(f"{path} is no zip archive: {error}") from error
        self.styles = self.parse("xl/styles.xml") if "xl/styles.xml" in self.parts else None
        shared = self.parse("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in self.parts else []
        self.texts = [text_of(item) for item in shared]

    def unpacked(self, archive, name):
        """Return the first bytes of a file inside, however much it unpacks to."""
        with archive.open(name) as file:
            return file.read(LARGEST)

    def parse(self, name):
        """Return a part as a tree; declarations of entities are refused, they can grow without end."""
        data = self.parts.get(name, b"")
        if b"\0" in data or b"<!" in data.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
            raise Broken(f"{name} declares entities, or hides what it declares in UTF-16")
        try:
            return ElementTree.fromstring(data)
        except (ElementTree.ParseError, LookupError, ValueError) as error:
            raise Broken(f"{name} is no XML: {error}") from error

    def sheets(self):
        """Return name → part, in the order of the workbook."""
        links = {link.get("Id"): link.get("Target", "") for link in self.parse("xl/_rels/workbook.xml.rels")}
        found = {}
        for sheet in find(self.parse("xl/workbook.xml"), "sheet"):
            target = next((links.get(value, "") for name, value in sheet.items() if name.endswith("}id")), "")
            found[sheet.get("name")] = target[1:] if target.startswith("/") else f"xl/{target}"
        return found

    def first_day(self):
        """Return what the day number 0 stands for."""
        settings = find(self.parse("xl/workbook.xml"), "workbookPr")
        mac = any(setting.get("date1904") in ("1", "true") for setting in settings)
        return datetime(1904, 1, 1) if mac else datetime(1899, 12, 30)

    def hour_styles(self):
        """Return the styles whose number format shows hours."""
        if self.styles is None:
            return set()
        shown = {f.get("numFmtId") for f in find(self.styles, "numFmt") if "h" in f.get("formatCode", "").lower()}
        (formats,) = find(self.styles, "cellXfs")
        return {str(i) for i, style in enumerate(formats) if style.get("numFmtId") in {*shown, *CLOCKS}}

    def value(self, cell):
        """Return text, a Fraction, True or False, None, or an error's name in a tuple."""
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return text_of(cell)
        text = "".join(value.text or "" for value in find(cell, "v"))
        if kind == "str":
            return text
        if kind in ("b", "e"):
            return text == "1" if kind == "b" else (text,)
        if not text:
            return None
        if not NUMBER.fullmatch(text):
            raise Broken(f"the cell {cell.get('r')} holds no number: {text[:40]!r}")
        if kind == "n":
            return Fraction(text)
        if not text.isdigit() or int(text) >= len(self.texts):
            raise Broken(f"the cell {cell.get('r')} names no shared text: {text[:40]!r}")
        return self.texts[int(text)]

    def grid(self, part):
        """Return (row, column) → cell of a sheet, and the rows that are hidden; places may be left out, as in Excel."""
        cells, hidden, number = {}, set(), 0
        for row in find(self.parse(part), "row"):
            number = self.digits(row.get("r", str(number + 1)))
            if row.get("hidden") in ("1", "true"):
                hidden.add(number)
            place = 0
            for cell in (c for c in row if local(c) == "c"):
                place = self.column(cell.get("r")) if cell.get("r") else place + 1
                cells[number, place] = cell
        return cells, hidden

    @staticmethod
    def digits(text):
        """Return the row of a place such as B7 or 7."""
        found = re.fullmatch(r"[A-Z]{0,3}(\d{1,7})", text)
        if found is None:
            raise Broken(f"{text[:40]!r} is no place in a sheet")
        return int(found[1])

    @staticmethod
    def column(text):
        """Return the column of a place such as B7, A being 1."""
        letters = re.sub(r"\d", "", text)
        return sum((ord(letter) - 64) * 26**power for power, letter in enumerate(reversed(letters)))


def entries(path):
    """Yield (row, day, project, hours, billable) of everything on a timesheet that has a day."""
    book = Book(path)
    part = book.sheets()["Timesheet"]
    cells, hidden = book.grid(part)
    for area in find(book.parse(part), "mergeCell"):
        first, last = area.get("ref").split(":")
        corner = book.digits(first), book.column(first)
        for row in range(corner[0], book.digits(last) + 1):
            cells |= {(row, c): cells[corner] for c in range(corner[1], book.column(last) + 1)}
    top = min(row for (row, _), cell in cells.items() if book.value(cell) == "Date")
    columns = {book.value(cell): column for (row, column), cell in cells.items() if row == top}
    clocks = book.hour_styles()
    for row in sorted({row for row, _ in cells if row > top} - hidden):
        day, project, hours, billable = (
            cells.get((row, columns[name])) for name in ("Date", "Project", "Hours", "Billable")
        )
        day = None if day is None else book.value(day)
        if not isinstance(day, Fraction):
            continue
        factor = 24 if hours is not None and hours.get("s", "0") in clocks else 1
        hours = None if hours is None else book.value(hours)
        if isinstance(hours, Fraction):
            hours = Fraction(int(hours * factor * 100 + Fraction(1, 2)), 100)
        project = None if project is None else book.value(project)
        yield (
            row,
            book.first_day() + timedelta(days=int(day)),
            project,
            hours,
            billable is not None and book.value(billable),
        )


def expected():
    """Return the rows of the invoice and of the queries, without their headers."""
    with (TIMESHEETS / "rates.csv").open(encoding="utf-8") as file:
        rates = {row["project"]: Fraction(row["eur_per_hour"]) for row in csv.DictReader(file)}
    billed, queries = [], []
    for path in sorted(TIMESHEETS.glob("*.xlsx")):
        for row, day, project, hours, billable in entries(path):
            project = project.strip().upper() if isinstance(project, str) else project
            if billable is not True:
                continue
            if day.strftime("%Y-%m") != "2025-03":
                queries.append([path.stem, Fraction(row), "date"])
            elif project not in rates:
                queries.append([path.stem, Fraction(row), "project"])
            elif not isinstance(hours, Fraction) or hours <= 0:
                queries.append([path.stem, Fraction(row), "hours"])
            else:
                billed.append((project, path.stem, hours))
    invoice = []
    for project, person in sorted({bill[:2] for bill in billed}):
        hours = sum(bill[2] for bill in billed if bill[:2] == (project, person))
        invoice.append([project, person, hours, Fraction(int(hours * rates[project] * 100 + Fraction(1, 2)), 100)])
    invoice.append(["Total", None, sum(row[2] for row in invoice), sum(row[3] for row in invoice)])
    return invoice, queries


def written(name):
    """Return a sheet that the agent wrote as rows of values."""
    book = Book(INVOICE)
    assert list(book.sheets()) == ["Invoice", "Queries"], "the workbook has the sheets Invoice and Queries"
    cells, _ = book.grid(book.sheets()[name])
    values = {place: book.value(cell) for place, cell in cells.items()}
    values = {place: value for place, value in values.items() if value not in (None, "")}
    assert values and len(values) < 2000, f"{name} is empty, or far too long"
    rows, columns = max(row for row, _ in values), max(column for _, column in values)
    assert rows < 500 and columns < 10, f"{name} has cells far from the others"
    return [[values.get((row, column)) for column in range(1, columns + 1)] for row in range(1, rows + 1)]


def same(rows, others):
    """Return whether two tables agree: text to the letter, numbers within 0.001 and never as text."""
    flat, other = ([value for row in table for value in row] for table in (rows, others))
    shapes = [len(row) for row in rows] == [len(row) for row in others]
    return shapes and all(
        type(a) is type(b) and (abs(a - b) <= Fraction(1, 1000) if isinstance(a, Fraction) else a == b)
        for a, b in zip(flat, other)
    )


def test_headers():
    assert written("Invoice")[0] == ["Project", "Person", "Hours", "Amount"]
    assert written("Queries")[0] == ["Person", "Row", "Query"]


@pytest.mark.parametrize("column", ["Project", "Person", "Hours", "Amount"])
def test_column_of_the_invoice(column):
    place = ["Project", "Person", "Hours", "Amount"].index(column)
    ours = [[row[place]] for row in written("Invoice")[1:] if len(row) == 4]
    assert same(ours, [[row[place]] for row in expected()[0]])


def test_whole_invoice():
    assert same(written("Invoice")[1:], expected()[0])


def test_queries():
    assert same(written("Queries")[1:], expected()[1])
