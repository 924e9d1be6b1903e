"""The tasks of rented machines for the track agents: neither sees what only the other may."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from posttrain_arena.adapters.benchmarks.sources import read_sources
from posttrain_arena.model.documents import REPOSITORY_ROOT

SKY = REPOSITORY_ROOT / "sky"


def _task(name: str) -> dict[str, Any]:
    task: dict[str, Any] = yaml.safe_load((SKY / f"{name}.yaml").read_text("utf-8"))
    return task


def test_the_machine_that_runs_agents_has_no_secret_of_the_hidden_split() -> None:
    task = _task("agent-run")
    assert "ARENA_SPLIT_SECRET" not in {*task["envs"], *task["secrets"]}
    assert set(task["file_mounts"]) == {f"~/arena/{name}" for name in ("code", "agent", "base", "data", "results")}


def test_the_machine_that_evaluates_has_nothing_of_the_entry_and_no_provider() -> None:
    task = _task("agent-evaluate")
    assert set(task["secrets"]) == {"ARENA_SPLIT_SECRET", "JUDGE_API_KEY"}
    assert "~/arena/agent" not in task["file_mounts"]
    assert task["file_mounts"]["~/arena/run"]["mode"] == "COPY"


def test_a_run_is_never_made_on_a_machine_that_may_be_taken_away() -> None:
    assert [one["use_spot"] for one in _task("agent-run")["resources"]["any_of"]] == [False, False]


@pytest.mark.parametrize("name", ["agent-run", "agent-evaluate"])
def test_skypilot_takes_the_task(name: str, tmp_path: Path) -> None:
    sky = pytest.importorskip("sky")
    config = _task(name)
    given = {
        "ARENA_RESULTS": "arena-results",
        "ARENA_STORE_KIND": "s3",
        "ARENA_BASE_NAME": "tiny",
        "ARENA_BENCHMARK": "x",
    }
    for variable in ("ARENA_CODE", "ARENA_AGENT", "ARENA_BASE", "ARENA_RUN"):
        (tmp_path / variable).mkdir()
        given[variable] = str(tmp_path / variable)
    envs = {key: value for key, value in given.items() if key in config["envs"]}
    config["file_mounts"] = {place: str(tmp_path / "ARENA_CODE") for place in config["file_mounts"]}
    needed = [key for key, value in config["secrets"].items() if value is None]
    task = sky.Task.from_yaml_config(config, env_overrides=envs, secrets_overrides=dict.fromkeys(needed, "x"))
    assert task.name == name
    assert f"sky/agent.sh {name.removeprefix('agent-')}" in task.run


def test_only_the_secret_of_the_split_has_to_be_given() -> None:
    secrets = _task("agent-run")["secrets"] | _task("agent-evaluate")["secrets"]
    assert [key for key, value in secrets.items() if value is None] == ["ARENA_SPLIT_SECRET"]


@pytest.mark.parametrize("name", ["agent-run", "agent-evaluate"])
def test_what_may_be_a_folder_here_is_mounted_as_such(name: str) -> None:
    mounts = _task(name)["file_mounts"]  # SkyPilot refuses a local folder where it is asked for a bucket without a name
    assert [mounts[f"~/arena/{place}"] for place in ("code", "base", "data")] == [
        "$ARENA_CODE",
        "$ARENA_BASE",
        "$ARENA_DATA",
    ]


def test_what_names_no_data_is_a_document_of_data() -> None:
    assert {_task(name)["envs"]["ARENA_DATA"] for name in ("agent-run", "agent-evaluate")} == {"sky/data"}
    assert read_sources(SKY / "data" / "data.json").data.files == ()


ARENA = """\
#!/bin/bash
# stands in the place of Python: keeps its arguments and makes a run
printf '%s\\n' "$@" >"$ARENA_HOME/said"
out=$(printf '%s\\n' "$@" | sed -n '/^--out$/{n;p}')
if [ -n "$out" ]; then
  mkdir -p "$out"
  [ -z "${REASON:-}" ] || printf '{"exit": {\\n "reason": "%s"}}' "$REASON" >"$out/run.json"
elif [ "$STATUS" -eq 0 ]; then
  echo '{}' >"$ARENA_HOME/run/evaluation.json"
fi
exit "$STATUS"
"""


@dataclass(frozen=True)
class Rented:
    """A machine whose ``python`` is the script above."""

    home: Path

    def does(self, what: str, status: int, reason: str = "", **more: str) -> int:
        """Return what agent.sh ends with."""
        envs = {key: value or "x" for task in ("agent-run", "agent-evaluate") for key, value in _given(task).items()}
        own = {"ARENA_HOME": str(self.home), "ARENA_PYTHON": str(self.home / "python"), "PATH": os.environ["PATH"]}
        told = {"STATUS": str(status), "REASON": reason, **more}
        script = ["bash", str(SKY / "agent.sh"), what]
        return subprocess.run(script, env=envs | own | told, check=False, capture_output=True).returncode


def _given(name: str) -> dict[str, str]:
    task = _task(name)
    return {**task["envs"], **task["secrets"]}


@pytest.fixture
def rented(tmp_path: Path) -> Rented:
    for folder in ("results", "run"):
        (tmp_path / folder).mkdir()
    (tmp_path / "python").write_text(ARENA)
    (tmp_path / "python").chmod(0o755)
    return Rented(tmp_path)


def test_every_option_of_a_run_is_reached(rented: Rented) -> None:
    assert rented.does("run", 0, "finished", ARENA_ALLOW="a.example b.example", ARENA_CONFIG="a text; $(x)") == 0
    said = (rented.home / "said").read_text().splitlines()
    pairs = list(pairwise(said))
    for pair in [("--allow", "a.example"), ("--allow", "b.example"), ("--config", "a text; $(x)")]:
        assert pair in pairs
    assert ("--data", str(rented.home / "data" / "data.json")) in pairs
    assert {"--again", "--providers", "--budget-sec"} <= set(said)


def test_results_are_copied_however_a_run_ends(rented: Rented) -> None:
    assert rented.does("run", 1, "failed") == 1
    assert (rented.home / "results" / "run.json").is_file()


def test_a_fault_of_the_machine_asks_for_another_one_and_not_for_ever(rented: Rented) -> None:
    assert [rented.does("run", 3, "infrastructure") for _ in range(3)] == [75, 75, 3]
    assert rented.does("run", 0, "finished") == 0
    found = sorted(str(path.relative_to(rented.home / "results")) for path in rented.home.glob("results/**/run.json"))
    assert found == ["lost-1/run.json", "lost-2/run.json", "lost-3/run.json", "run.json"]


def test_a_run_that_stands_is_not_made_again_for_what_broke_after_it(rented: Rented) -> None:
    assert rented.does("run", 3, "budget-killed") == 0
    assert (rented.home / "results" / "run.json").is_file()


@pytest.mark.parametrize(("status", "code", "kept"), [(0, 0, ["evaluation.json"]), (3, 75, []), (2, 2, [])])
def test_an_evaluation_leaves_its_result_or_asks_for_another_machine(
    status: int, code: int, kept: list[str], rented: Rented
) -> None:
    assert rented.does("evaluate", status) == code
    assert [path.name for path in rented.home.glob("results/**/*.json")] == kept
