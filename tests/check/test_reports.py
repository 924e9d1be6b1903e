"""The reports of shards are the report of the whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from posttrain_arena.cli.main import main
from posttrain_arena.core.check.summary import build_report, merged_report
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.report import Report, Subject, TrialSummary

ERROR = Finding(rule="r", severity="error", path="e/envs/b/task.md", what="wrong", how="mend it")
TRIAL = TrialSummary(agent="oracle", reward=1.0, passed=True, failure=None, seconds=1.0)
ENTRY = Subject(kind="entry", name="e", path="e", digest=None, outcome="passed", findings=())
PACKAGES = [
    Subject(kind="package", name="a", path="e/envs/a", digest=None, outcome="passed", findings=(), trials=(TRIAL,)),
    Subject(kind="package", name="b", path="e/envs/b", digest=None, outcome="fix", findings=(ERROR,), trials=(TRIAL,)),
    Subject(kind="package", name="c", path="e/envs/c", digest=None, outcome="broken", findings=()),
]


def report(*subjects: Subject) -> Report:
    return build_report("publication-grade", subjects)


def test_shards_are_the_whole() -> None:
    shards = [report(ENTRY, one) for one in reversed(PACKAGES)]
    assert merged_report(shards) == report(ENTRY, *PACKAGES)
    assert merged_report([report(ENTRY, *PACKAGES)]) == report(ENTRY, *PACKAGES)


def test_the_trials_of_one_shard_are_kept_where_another_had_none() -> None:
    bare = replace(PACKAGES[0], trials=())
    assert merged_report([report(bare), report(PACKAGES[0])]) == report(PACKAGES[0])
    assert merged_report([report(PACKAGES[0]), report(bare)]) == report(PACKAGES[0])


def test_reports_that_contradict_each_other_are_no_whole() -> None:
    with pytest.raises(UsageError, match="several levels"):
        merged_report([report(ENTRY), build_report("schema", [ENTRY])])
    other = replace(PACKAGES[0], trials=(replace(TRIAL, reward=0.0, passed=False),))
    with pytest.raises(UsageError, match="different things"):
        merged_report([report(PACKAGES[0]), report(other)])


def test_the_command_writes_the_whole_and_has_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = []
    for number, one in enumerate(PACKAGES):
        paths.append(str(tmp_path / f"{number}.json"))
        documents.write_document(Path(paths[-1]), report(ENTRY, one))
    assert main(["reports", *paths, "--out", str(tmp_path / "whole.json")]) == 1
    assert "mend it" in capsys.readouterr().out
    assert documents.read_document(tmp_path / "whole.json", Report) == report(ENTRY, *PACKAGES)
    assert main(["reports", paths[2]]) == 3
