"""Compare the list of a trial with the one that the minutes in the pristine image give.

The documents are read as a stream of tags, without a tree: a stack says at each moment whether text counts.
"""

import csv
import io
import os
import re
import zipfile
from datetime import date
from pathlib import Path
from xml.parsers import expat

import pytest

MINUTES = Path("/srv/minutes")
ANSWER = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "open-actions.csv"
MONTHS = "January February March April May June July August September October November December".split()
FIELDS = {"No.", "Action", "Owner", "Due", "Status"}
SILENT = {"–", "-", ""}


class Minutes:
    """One document: its paragraphs as they stand after the changes, and its tables as lists of rows."""

    def __init__(self, data):
        self.paragraphs, self.tables = [], []
        self.open_tags, self.text, self.cell = [], [], []
        parser = expat.ParserCreate()
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.Parse(data, True)

    def start(self, tag, _attributes):
        self.open_tags.append(tag)
        if tag == "w:tbl":
            self.tables.append([])
        elif tag == "w:tr":
            self.tables[-1].append([])
        elif tag == "w:tc":
            self.cell = []
        elif tag == "w:p":
            self.text = []
        elif tag in ("w:tab", "w:br"):
            self.text.append(" ")
        elif tag == "w:del" and self.open_tags[-2] == "w:trPr":
            self.tables[-1][-1] = None

    def characters(self, text):
        if self.open_tags[-1] == "w:t" and not {"w:del", "w:moveFrom"} & set(self.open_tags):
            self.text.append(text)

    def end(self, tag):
        self.open_tags.pop()
        if tag == "w:p":
            words = " ".join("".join(self.text).split())
            self.cell.append(words)
            self.paragraphs.append(words)
        elif tag == "w:tc" and self.tables[-1][-1] is not None:
            self.tables[-1][-1].append(" ".join(" ".join(self.cell).split()))
        elif tag == "w:tbl":
            self.tables[-1] = [row for row in self.tables[-1] if row is not None]

    def said(self, label):
        """Return what follows a label."""
        [found] = [line.removeprefix(label).strip() for line in self.paragraphs if line.startswith(label)]
        return found

    def rows(self, columns):
        """Return the rows, as dicts, of all tables with these columns."""
        fitting = [table for table in self.tables if columns <= set(table[0])]
        return [dict(zip(table[0], row)) for table in fitting for row in table[1:]]


def calendar_day(text):
    """Return the date that is written in either way."""
    numbers = re.fullmatch(r"(\d\d)\.(\d\d)\.(\d{4})", text)
    if numbers:
        return date(int(numbers[3]), int(numbers[2]), int(numbers[1]))
    number, month, year = text.split()
    return date(int(year), MONTHS.index(month) + 1, int(number))


def told(minutes, number, field):
    """Return what one document says of a field of an item, or None; a later row overrides."""
    cells = [row[field] for row in minutes.rows(FIELDS) if row["No."] == number]
    return next((cell for cell in reversed(cells) if cell not in SILENT), None)


def latest(documents, number, field):
    """Return the last document that says something of a field of an item, and what it says."""
    return next((minutes, said) for minutes in reversed(documents) if (said := told(minutes, number, field)))


def expected():
    """Return the rows that the rules of the prompt give; each field is looked up from the last meeting backwards."""
    paths = [path for path in MINUTES.iterdir() if path.suffix == ".docx" and not path.name.startswith("~$")]
    documents = [Minutes(zipfile.ZipFile(path).read("word/document.xml")) for path in paths]
    documents.sort(key=lambda minutes: calendar_day(minutes.said("Date:")))
    rows = []
    for number in {row["No."] for minutes in documents for row in minutes.rows(FIELDS)}:
        if re.match("done|dropped", latest(documents, number, "Status")[1], re.IGNORECASE):
            continue
        source, initials = latest(documents, number, "Owner")
        first = re.match(r"\w+", initials)[0]
        [owner] = [row["Name"] for row in source.rows({"Initials", "Name"}) if row["Initials"] == first]
        source, due = latest(documents, number, "Due")
        due = calendar_day(source.said("Next meeting:") if due.casefold() == "next meeting" else due)
        rows.append((due, int(number[1:]), [number, latest(documents, number, "Action")[1], owner, due.isoformat()]))
    return [row for _due, _number, row in sorted(rows)]


@pytest.fixture(scope="module")
def written():
    """Return the rows that the agent wrote, with the header."""
    assert ANSWER.is_file() and not ANSWER.is_symlink(), f"{ANSWER} is missing"
    assert ANSWER.stat().st_size < 100_000, f"{ANSWER} is far too long"
    return list(csv.reader(io.StringIO(ANSWER.read_bytes().decode("utf-8"), newline=""), strict=True))


def test_header(written):
    assert written[:1] == [["number", "action", "owner", "due"]]


def test_the_open_items_are_listed_once_each(written):
    assert sorted(row[0] for row in written[1:] if row) == sorted(row[0] for row in expected())


def test_every_row_is_right_and_in_its_place(written):
    assert written[1:] == expected()
