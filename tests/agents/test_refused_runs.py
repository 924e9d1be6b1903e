"""What cannot be written down after a run is refused before its agent is started."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from agent_scripts import RunScript

from posttrain_arena.adapters.agents.bench import Machine, open_desk
from posttrain_arena.adapters.agents.run import run_agent
from posttrain_arena.adapters.agents.run_request import RunRequest, record_of
from posttrain_arena.adapters.benchmarks.registry import find
from posttrain_arena.cli.main import main
from posttrain_arena.core.agents.supervisor import Budget
from posttrain_arena.errors import DocumentError
from posttrain_arena.model.agent import AgentManifest
from posttrain_arena.model.documents import REPOSITORY_ROOT
from posttrain_arena.model.tree import tree_digest

DIGEST = "sha256:" + "ab" * 32


@pytest.fixture
def request_of(tmp_path: Path, small_base: Path) -> RunRequest:
    """Give a request whose agent does nothing."""
    agent = tmp_path / "agent"
    agent.mkdir()
    (agent / "solve.sh").write_text("#!/bin/sh\n")
    return RunRequest(
        entry="tests",
        agent=agent,
        manifest=AgentManifest(name="noop", description="Does nothing."),
        base_name="small",
        base=small_base,
        benchmark="tiny-reasoning",
        budget=Budget.of(8.0),
        machine=Machine(),
        seed=0,
        out=tmp_path / "run",
    )


@pytest.mark.parametrize(
    ("entry", "base", "name"),
    [
        ("team-south", "tiny", "team-south-noop-tiny-tiny-reasoning-0"),
        ("My_Agent", "Qwen3-4B-Base", "my_agent-noop-qwen3-4b-base-tiny-reasoning-0"),
        ("a -- b", "Qwen3-1.7B-Base", "a-b-noop-qwen3-1.7b-base-tiny-reasoning-0"),
        ("_Équipe_", "SmolLM3 (3B)", "quipe-noop-smollm3-3b-tiny-reasoning-0"),
    ],
)
def test_names_may_be_spelled_as_the_published_grids_spell_them(
    entry: str, base: str, name: str, request_of: RunRequest
) -> None:
    record = record_of(replace(request_of, entry=entry, base_name=base), DIGEST)
    assert record.id == name
    assert (record.agent.entry, record.base_model.name) == (entry, base)


REFUSED: dict[str, tuple[Callable[[RunRequest], RunRequest], str]] = {
    "a seed below 0": (lambda request: replace(request, seed=-1), "seed: -1 is less than the minimum"),
    "no entry": (lambda request: replace(request, entry=""), "agent/entry: '' should be non-empty"),
    "no base model's name": (lambda request: replace(request, base_name=""), "base_model/name: '' should be non-empty"),
    "a configuration that is no text": (lambda request: replace(request, config="\udcff"), r"'\\udcff' is no text"),
}


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_what_has_no_place_in_a_record_is_refused_before_the_run(what: str, request_of: RunRequest) -> None:
    change, why = REFUSED[what]
    with pytest.raises(DocumentError, match=why):
        run_agent(change(request_of), None)  # type: ignore[arg-type]  # no engine is needed
    assert not request_of.out.exists()


def test_a_link_among_an_agents_files_is_refused_before_the_run(request_of: RunRequest) -> None:
    (request_of.agent / "data").symlink_to("/etc/hostname")
    with pytest.raises(DocumentError, match="data: only regular files are allowed here"):
        run_agent(request_of, None)  # type: ignore[arg-type]
    assert not request_of.out.exists()


@pytest.mark.parametrize("command", [["run", str(REPOSITORY_ROOT / "starting-kit/agents/noop")], ["evaluate", "run"]])
def test_a_seed_below_zero_is_told_at_once(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["agents", *command, "--seed", "-1"])
    assert "'-1' is no whole number from 0 on" in capsys.readouterr().err


def test_the_digest_is_that_of_the_files_that_were_run(run_script: RunScript) -> None:
    request = run_script.request("swapped", "true")
    before = tree_digest(request.agent)

    def swap(said: str) -> None:
        if said.startswith("the agent works"):
            (request.agent / "solve.sh").write_text("#!/bin/sh\nexit 1\n")

    run = run_agent(request, run_script.engine, swap)
    assert run.exit.reason == "finished"
    assert run.agent.digest == before != tree_digest(request.agent)


def test_an_agents_programs_stay_programs(request_of: RunRequest) -> None:
    tool, data = request_of.agent / "bin" / "tool", request_of.agent / "data.txt"
    tool.parent.mkdir()
    for file, mode in ((tool, 0o755), (data, 0o644)):
        file.write_text("#!/bin/sh\n")
        file.chmod(mode)
    with open_desk(request_of.agent, request_of.base, find("tiny-reasoning").card, []) as desk:
        modes = {file.name: file.stat().st_mode & 0o777 for file in (desk.folder / "agent").rglob("*.*")}
        assert modes == {"solve.sh": 0o755, "data.txt": 0o644}
        assert (desk.folder / "agent" / "bin" / "tool").stat().st_mode & 0o777 == 0o755
