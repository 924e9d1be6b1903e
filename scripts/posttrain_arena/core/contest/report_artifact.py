"""Read what a pull request's own workflow run handed over: bytes that anybody may have written."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass

from posttrain_arena.core.contest.pull_request import entry_of
from posttrain_arena.errors import DocumentError
from posttrain_arena.model import documents
from posttrain_arena.model.report import Level, Outcome, Report

MEMBER = "report.json"
MAX_ZIP_BYTES = 20 << 20
MAX_BYTES = 40 << 20
"""What the one file unpacks to at most: 200 packages with all the findings that a rule may have are a tenth of it."""

_BAD = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,  # a method or a version that is not known
    RuntimeError,  # encrypted
    OSError,
    EOFError,
    ValueError,
)
"""All that reading a hostile archive raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the report must be about, from GitHub's API: the level, and the entries that the pull request touches."""

    level: Level
    entries: Collection[str]


def read_artifact(data: bytes, expected: Expected) -> Report:
    """Return the report in a workflow artifact; raises DocumentError with what is wrong with it."""
    report = documents.from_document(Report, _parsed(_member(data)), where=MEMBER)
    if report.level != expected.level:
        raise DocumentError(f"{MEMBER}: is of level {report.level}, not {expected.level}")
    if report.outcome != _outcome(report):
        raise DocumentError(f"{MEMBER}: says {report.outcome}, and its packages say {_outcome(report)}")
    for subject in report.subjects:
        if entry_of(f"{subject.path}/x") not in expected.entries:
            raise DocumentError(f"{MEMBER}: speaks of {subject.path!r}, which this pull request does not touch")
        if any(not _lies_in(finding.path, subject.path) for finding in subject.findings):
            raise DocumentError(f"{MEMBER}: a finding of {subject.path!r} lies outside of it")
    told = {subject.path for subject in report.subjects if subject.kind == "entry"}
    if missing := sorted(set(expected.entries) - told):
        raise DocumentError(f"{MEMBER}: says nothing of {', '.join(missing)}")
    return report


def _parsed(text: str) -> object:
    """Return the document in a text; half a character or an endless number could not be written anywhere again."""
    doc = documents.parse_text(text, where=MEMBER)
    try:
        documents.encode(doc)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"{MEMBER}: {error}") from error
    return doc


def _member(data: bytes) -> str:
    """Return the text of the one file in the archive, looked at before it is unpacked."""
    if len(data) > MAX_ZIP_BYTES:
        raise DocumentError(f"the artifact has {len(data)} bytes, over {MAX_ZIP_BYTES}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if names != [MEMBER]:
                raise DocumentError(f"the artifact has {names[:5]}, not just {MEMBER}")
            info = archive.getinfo(MEMBER)
            if stat.S_ISLNK(info.external_attr >> 16) or info.file_size > MAX_BYTES:
                raise DocumentError(f"{MEMBER}: is a link, or larger than {MAX_BYTES} bytes")
            with archive.open(info) as file:
                text = file.read(MAX_BYTES + 1)
    except _BAD as error:
        raise DocumentError(f"the artifact is no archive that can be read: {error}") from error
    if len(text) > MAX_BYTES:
        raise DocumentError(f"{MEMBER}: unpacks to more than {MAX_BYTES} bytes")
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(f"{MEMBER}: is not UTF-8: {error}") from error


def _lies_in(path: str, folder: str) -> bool:
    return f"{path}/".startswith(f"{folder}/") and entry_of(f"{path}/x") != ""


def _outcome(report: Report) -> Outcome:
    """Work the outcome out anew from what the report itself says of its packages."""
    subjects = report.subjects
    errors = any(finding.severity == "error" for subject in subjects for finding in subject.findings)
    if errors or any(subject.outcome == "fix" for subject in subjects):
        return "fix"
    return "broken" if any(subject.outcome == "broken" for subject in subjects) else "passed"
