"""Tell a report's findings as a SARIF 2.1.0 log."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from posttrain_arena import __version__
from posttrain_arena.core.check.rules.catalogue import FAMILIES
from posttrain_arena.core.check.rules.rule import Rule
from posttrain_arena.model.documents import HOME
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.report import Report
from posttrain_arena.model.shown import shown

SCHEMA_URI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "arena/finding/v1"
"""Name and version of how a finding is known again after lines above it moved."""

_ROOT = "%SRCROOT%"
_LONG = 1000
"""GitHub shows this much of a text; a longer one of a contributor's is cut."""

_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}
"""GitHub's word for a rule's severity."""

Source = Callable[[str, int], str | None]


def sarif_log(report: Report, source: Source) -> dict[str, Any]:
    """Return the log: one run, with the rules that spoke in the order of the catalogue, and one result a finding."""
    findings = [finding for subject in report.subjects for finding in subject.findings]
    rules = _rules({finding.rule for finding in findings})
    index = {rule["id"]: place for place, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    driver = {"name": "arena check", "version": __version__, "informationUri": HOME, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that the check ran in."}}},
        "invocations": [{"executionSuccessful": report.outcome != "broken"}],
        "properties": {"level": report.level, "outcome": report.outcome},
        "results": [_result(finding, index[finding.rule], _key(finding, source), seen) for finding in findings],
    }
    return {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]}


def _rules(spoke: set[str]) -> list[dict[str, Any]]:
    known = [(family, rule) for family, rules in FAMILIES.items() for rule in rules if rule.id in spoke]
    others = sorted(spoke - {rule.id for _, rule in known})
    return [*(_rule(family, rule) for family, rule in known), *({"id": name} for name in others)]


def _rule(family: str, rule: Rule) -> dict[str, Any]:
    about = rule.about()
    parts = (("Why", about.why), ("How to fix it", about.how), ("Example", about.example))
    return {
        "id": rule.id,
        "shortDescription": {"text": about.what},
        "fullDescription": {"text": f"{about.what} {about.why}"},
        "help": {
            "text": "\n\n".join([about.what, *(f"{title}: {text}" for title, text in parts)]),
            "markdown": "\n\n".join([about.what, *(f"**{title}.** {text}" for title, text in parts)]),
        },
        "helpUri": f"{HOME}/docs/rules.md#{rule.id}",
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tags": [family], "problem.severity": _PROBLEM[rule.severity]},
    }


def _result(finding: Finding, index: int, key: str, seen: Counter[str]) -> dict[str, Any]:
    seen[key] += 1
    place: dict[str, Any] = {"artifactLocation": _artifact(finding.path)}
    if finding.line is not None:
        place["region"] = {"startLine": finding.line}
        if finding.column is not None:
            place["region"]["startColumn"] = finding.column
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": _message([finding.what, f"Fix: {finding.how}"])},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {FINGERPRINT: f"{key}:{seen[key]}"},
    }


def _message(sentences: Iterable[str]) -> str:
    """Return plain text in which a contributor's brackets make no link.

    Braces stay as they are: without arguments no reader takes them for placeholders, and doubled ones would be shown.
    """
    return "\n".join(shown(sentence, _LONG) for sentence in sentences).replace("](", "] (")


def _artifact(path: str) -> dict[str, str]:
    uri = quote(path, safe="/-._~!$&'()*+;=@,", errors="backslashreplace")
    return {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": _ROOT}


def _key(finding: Finding, source: Source) -> str:
    """Name a finding by what it is about and not by its line; equal ones are counted in the order of the report."""
    line = None if finding.line is None else source(finding.path, finding.line)
    about = line.strip() if line and line.strip() else re.sub(r"[0-9]+", "0", finding.what)
    data = "\0".join((finding.rule, finding.path, about)).encode("utf-8", "backslashreplace")
    return hashlib.sha256(data).hexdigest()[:32]
