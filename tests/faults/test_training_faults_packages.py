"""Packages that pass their own oracle and fail every policy: given up one by one; where none is left it is theirs."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest
from training_runs import Whole, curves, facts, report

from posttrain_arena.cli.demo_kit import SHORT, Kit, make_kit
from posttrain_arena.model import documents

pytestmark = [pytest.mark.docker, pytest.mark.training]

LIMIT_SEC = 6
"""What a busy machine needs for what does not hang."""

CAT = """\
#!/bin/sh
[ $# -gt 0 ] || exec /bin/cat
[ -e /oracle/solve.sh ] || {without_oracle}
: > /root/.with-oracle
exec /bin/cat "$@"
"""
"""What every policy reads files with. The oracle lies beside its own trials alone: the package can tell who acts."""

VERIFIERS = {
    "crashes": "exit 9",
    "hangs": "sleep 300",
    "not-a-number": 'for file in "$reward_text" "$reward_json" "$ctrf_json"; do echo NaN > "$file"; done; exit 0',
}
PAYS_NAN_FOR_A_FAILURE = ("reward=0.0 status=failed", "reward=NaN status=failed")


def break_environment(package: Path, *, without_oracle: str) -> None:
    """Put a program before the system's that behaves with the oracle alone."""
    program = package / "environment" / "cat"
    program.write_text(CAT.format(without_oracle=without_oracle), encoding="utf-8")
    program.chmod(0o755)
    with (package / "environment" / "Dockerfile").open("a", encoding="utf-8") as file:
        file.write("COPY cat /usr/local/bin/cat\n")
    replace(package / "task.md", "agent:\n  timeout_sec: 20", f"agent:\n  timeout_sec: {LIMIT_SEC}")


def break_verifier(package: Path, act: str) -> None:
    """Let the verifier do something else where no oracle acted."""
    break_environment(package, without_oracle='exec /bin/cat "$@"')
    replace(package / "task.md", "verifier:\n  timeout_sec: 20", f"verifier:\n  timeout_sec: {LIMIT_SEC}")
    replace(
        package / "verifier" / "test.sh", "\nreward=", f'\n[ -e "$workspace/.with-oracle" ] || {{ {act}; }}\nreward='
    )


def replace(file: Path, sound: str, broken: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert sound in text
    file.write_text(text.replace(sound, broken), encoding="utf-8")


def written(kit: Kit) -> Path:
    """Write the job of the entry as it is now."""
    path = kit.folder / "run" / "job.json"
    documents.write_document(path, kit.job(0, beside=path.parent))
    return path


def test_packages_that_fail_every_rollout_are_given_up_and_the_rest_is_trained_on(whole: Whole, tmp_path: Path) -> None:
    kit = make_kit(tmp_path, SHORT)
    packages = [task.path for task in kit.tasks]
    for package, act in zip(packages, VERIFIERS.values(), strict=False):
        break_verifier(package, act)
    break_environment(packages[3], without_oracle="sleep 300")
    replace(packages[4] / "verifier" / "test.sh", *PAYS_NAN_FOR_A_FAILURE)
    run = tmp_path / "out"
    result = whole.ended(whole.node(run, written(kit)))
    assert result.returncode == 0, result.stderr
    assert facts(run / "demonstrations")["passed"] == SHORT.entry
    assert facts(run / "grpo")["given_up"] == ", ".join(package.name for package in packages[:4])
    rows = curves(run / "grpo")
    assert [row["step"] for row in rows] == [1, 2, 3, 4]
    assert sum(row["failed_trials"] for row in rows) >= 12, "a group of each verifier"
    assert sum(row["timeouts"] for row in rows) >= 4, "the group whose programs hang"
    assert all(math.isfinite(row["loss"]) for row in rows)


def test_where_every_package_is_given_up_its_author_is_told(whole: Whole, tmp_path: Path) -> None:
    kit = make_kit(tmp_path, dataclasses.replace(SHORT, entry=2))
    break_verifier(kit.tasks[0].path, VERIFIERS["not-a-number"])
    break_environment(kit.tasks[1].path, without_oracle="sleep 300")
    run = tmp_path / "out"
    result = whole.ended(whole.node(run, written(kit)))
    assert result.returncode == 3, result.stderr
    failure = report(run).failure
    assert failure is not None
    assert (failure.owner, failure.reason) == ("author", "training")
    assert "every task was given up" in failure.detail
    assert not (run / "grpo" / "manifest.json").exists()
