"""How to cite the board and a run: BibTeX, CITATION.cff, and what search engines for data sets read."""

from __future__ import annotations

import json
import re
from typing import Any

from posttrain_arena.core.site.source import Source
from posttrain_arena.core.site.text import clean, share
from posttrain_arena.model.sealed_run import Published

TITLE = "PostTrain Arena: the leaderboard"
LICENSE = "AGPL-3.0-or-later"
"""The results are part of this repository."""
_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
} | {mark: f"\\{mark}" for mark in "&%$#_"}


def abstract(source: Source) -> str:
    """Return in a sentence what the board is."""
    return (
        "How much post-training on each entry lifts a fixed base model on held-out tasks: paired differences with "
        f"exact {share(source.level)} intervals, rank sets, and the raw rewards that every number follows from."
    )


def board_bibtex(source: Source) -> bytes:
    """Return the board as a BibTeX entry."""
    fields = {"title": TITLE, "author": "{The PostTrain Arena contributors}", "year": _year(source), "url": source.home}
    return _bibtex("posttrain-arena", fields)


def run_bibtex(run: Published, source: Source) -> bytes:
    """Return one run as a BibTeX entry."""
    fields = {
        "title": f"{{{_tex(_name(run))}}}",
        "author": f"{{{_tex(clean(run.entry.team, 120) or run.entry.name)}}}",
        "howpublished": f"PostTrain Arena, run {run.id}, attempt {run.attempt}",
        "year": source.days.get(run.id, "")[:4],
        "url": f"{source.home}/runs/{run.id}.html",
    }
    return _bibtex(run.id, fields)


def board_cff(source: Source) -> bytes:
    """Return the board's CITATION.cff."""
    return _cff(TITLE, "The PostTrain Arena contributors", source.home, _day(source)) + (
        f"abstract: {_yaml(abstract(source))}\nlicense: {LICENSE}\n".encode()
    )


def run_cff(run: Published, source: Source) -> bytes:
    """Return a CITATION.cff of one run."""
    team = clean(run.entry.team, 120) or run.entry.name
    return _cff(_name(run), team, f"{source.home}/runs/{run.id}.html", source.days.get(run.id, ""))


def dataset(source: Source) -> str:
    """Return the board as schema.org's Dataset, safe between script tags."""
    files = {"application/json": "api/v1/leaderboard.json", "text/csv": "api/v1/leaderboard.csv"}
    doc: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": TITLE,
        "description": abstract(source),
        "url": f"{source.home}/",
        "license": "https://spdx.org/licenses/AGPL-3.0-or-later.html",
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": "The PostTrain Arena contributors"},
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": kind, "contentUrl": f"{source.home}/{path}"}
            for kind, path in files.items()
        ],
    }
    if day := _day(source):
        doc["dateModified"] = day
    text = json.dumps(doc, sort_keys=True, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _name(run: Published) -> str:
    return clean(run.entry.title, 120) or run.entry.name


def _day(source: Source) -> str:
    return max([*source.days.values(), *(change.date for change in source.board.changes)], default="")


def _year(source: Source) -> str:
    return _day(source)[:4]


def _bibtex(key: str, fields: dict[str, str]) -> bytes:
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{lines}}}\n".encode()


def _tex(text: str) -> str:
    """Return text that TeX prints as it is; braces balance, so none can end the field."""
    return "".join(_TEX.get(char, char) for char in text)


def _cff(title: str, author: str, url: str, day: str) -> bytes:
    lines = [
        "cff-version: 1.2.0",
        "message: Cite this result as below.",
        "type: dataset",
        f"title: {_yaml(title)}",
        f"authors:\n  - name: {_yaml(author)}",
        f"url: {_yaml(url)}",
        *([f"date-released: {day}"] if re.fullmatch(r"\d{4}-\d\d-\d\d", day) else []),
    ]
    return ("\n".join(lines) + "\n").encode()


def _yaml(text: str) -> str:
    """Return a text as YAML; every JSON string is one."""
    return json.dumps(text, ensure_ascii=False)
