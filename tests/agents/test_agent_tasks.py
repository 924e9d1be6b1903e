"""The tasks of rented machines for the track agents: neither sees what only the other may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from posttrain_arena.model.documents import REPOSITORY_ROOT

SKY = REPOSITORY_ROOT / "sky"


def _task(name: str) -> dict[str, Any]:
    task: dict[str, Any] = yaml.safe_load((SKY / f"{name}.yaml").read_text("utf-8"))
    return task


def test_the_machine_that_runs_agents_has_no_secret_of_the_hidden_split() -> None:
    task = _task("agent-run")
    assert "ARENA_SPLIT_SECRET" not in {*task["envs"], *task["secrets"]}
    assert set(task["file_mounts"]) == {f"~/arena/{name}" for name in ("code", "agent", "base", "results")}


def test_the_machine_that_evaluates_has_nothing_of_the_entry_and_no_provider() -> None:
    task = _task("agent-evaluate")
    assert set(task["secrets"]) == {"ARENA_SPLIT_SECRET"}
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
    task = sky.Task.from_yaml_config(
        config, env_overrides=envs, secrets_overrides=dict.fromkeys(config["secrets"], "x")
    )
    assert task.name == name
    assert f"sky/agent.sh {name.removeprefix('agent-')}" in task.run
