#!/bin/bash
set -euo pipefail

# What is there, and how is it marked up? The tags tell which kinds of tracked changes have to be handled.
ls -l /srv/minutes
python3 - <<'PY'
import collections, glob, re, zipfile

tags = collections.Counter()
for path in glob.glob("/srv/minutes/[!~]*.docx"):
    tags.update(re.findall(r"<w:(\w+)", zipfile.ZipFile(path).read("word/document.xml").decode()))
print(tags)
PY

cat > /root/open_actions.py <<'PY'
import csv
import glob
import zipfile
from datetime import datetime
from xml.etree import ElementTree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
COLUMNS = ("No.", "Action", "Owner", "Due", "Status")


def accept_changes(element):
    """Take out what was deleted or moved away; inserted text is inside w:ins and needs nothing."""
    for child in list(element):
        gone = child.tag in (W + "del", W + "moveFrom") or child.find(f"{W}trPr/{W}del") is not None
        if gone:
            element.remove(child)
        else:
            accept_changes(child)


def text(element):
    # Runs of one paragraph touch, so that "A|13" split by the spelling checker stays one word.
    words = {W + "tab": " ", W + "br": " ", W + "p": " "}
    pieces = (node.text if node.tag == W + "t" else words.get(node.tag, "") for node in element.iter())
    return " ".join("".join(piece or "" for piece in pieces).split())


def day(words):
    for form in ("%d.%m.%Y", "%d %B %Y"):
        try:
            return datetime.strptime(words, form).date()
        except ValueError:
            pass
    raise ValueError(f"no date: {words}")


def meeting(path):
    """Return the date, and every row of the tables of actions with its names and dates resolved."""
    root = ElementTree.fromstring(zipfile.ZipFile(path).read("word/document.xml"))
    accept_changes(root)
    lines = dict(text(p).split(": ", 1) for p in root.iter(W + "p") if text(p).startswith(("Date: ", "Next meeting: ")))
    people, rows = {}, []
    for table in root.iter(W + "tbl"):
        header, *body = [[text(cell) for cell in row.iter(W + "tc")] for row in table.iter(W + "tr")]
        records = [dict(zip(header, row)) for row in body]
        if {"Initials", "Name"} <= set(header):
            people |= {record["Initials"]: record["Name"] for record in records}
        elif set(COLUMNS) <= set(header):
            rows += records
    for row in rows:
        for column in COLUMNS:
            if row[column] in ("", "–", "-"):
                del row[column]
        if "Owner" in row:
            row["Owner"] = people[row["Owner"].split("/")[0].strip()]
        if "Due" in row:
            row["Due"] = day(lines["Next meeting"] if row["Due"].lower() == "next meeting" else row["Due"])
    return day(lines["Date"]), rows


items = {}
for _, rows in sorted((meeting(path) for path in glob.glob("/srv/minutes/[!~]*.docx")), key=lambda pair: pair[0]):
    for row in rows:
        items.setdefault(row["No."], {}).update(row)

opened = [item for item in items.values() if not item["Status"].lower().startswith(("done", "dropped"))]
opened.sort(key=lambda item: (item["Due"], int(item["No."][1:])))
with open("/root/open-actions.csv", "w", newline="", encoding="utf-8") as file:
    table = csv.writer(file)
    table.writerow(["number", "action", "owner", "due"])
    table.writerows([item["No."], item["Action"], item["Owner"], item["Due"].isoformat()] for item in opened)
print(f"{len(items)} items, {len(opened)} of them open")
PY

python3 /root/open_actions.py
cat /root/open-actions.csv
