"""Packages of every family climb the ladder; a solution that misreads one of the rules does not pass."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.cli.packages import load_package
from posttrain_arena.core.families import Draw, read_family, render_family
from posttrain_arena.core.families.draw import draw
from posttrain_arena.core.families.template import fill
from posttrain_arena.core.families.write import made_words
from posttrain_arena.core.trial.agents import AgentRun, Oracle
from posttrain_arena.core.trial.ladder import climb
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.sandbox import Sandbox
from posttrain_arena.core.trial.supply import Supply
from posttrain_arena.model.task import TaskPackage

pytestmark = pytest.mark.docker
MISREAD = {
    "config-migrate-settings": ("references", "types"),
    "deadlines-plan-cases": ("week", "term"),
    "grid-trace-supply": ("direction", "query"),
    "library-mend-bugs": ("working", "handover"),
    "logs-measure-bursts": ("event", "window"),
    "measurements-convert-units": ("limits", "rounding"),
    "orders-join-totals": ("versions", "figure"),
    "pictures-prepare-prints": ("geometry", "index"),
    "runs-regrade-answers": ("attempts", "figure"),
    "text-figures": ("topic",),
}
"""Family → rules that a plausible solution takes for another one of the family."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Runs a script in the agent's container."""

    text: str
    name: str = "probe:misread"

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        """Run the script; the log ends with its status."""
        result = sandbox.run(self.text, timeout_sec=60)
        return AgentRun(exit_reason="completed", log=f"{result.output[-2000:]}\nstatus {result.exit_code}")


def misread(name: str, number: int, rule: str) -> str:
    """Return the oracle of a package with one of its rules taken for the next one."""
    family = read_family(FAMILIES / name)
    values = draw(family.family, Draw(split="train", count=1, seed=0, first=number))[0]
    words, _ = made_words(family, values)
    choices = family.family.parameters[rule].values
    other = choices[(choices.index(values[rule]) + 1) % len(choices)]
    return fill(family.template["oracle/solve.sh"], {**words, rule: other})[1].decode("utf-8")


def test_every_family_for_a_real_model_is_misread() -> None:
    tiny = {path.parent.name for path in FAMILIES.glob("copy-*/family.yaml")}
    assert {path.parent.name for path in FAMILIES.glob("*/family.yaml")} == {*MISREAD, *tiny}


@pytest.mark.parametrize("name", sorted(MISREAD))
def test_package_climbs_the_ladder_without_a_finding(name: str, engine: DockerEngine, tmp_path: Path) -> None:
    package = render_family(FAMILIES / name, Draw(split="held-out", count=1, seed=0), out=tmp_path)[0]
    result = climb(load_package(package), engine, cores=Supply(2))
    assert (result.findings, result.broken) == ((), ())
    assert [trial.reward for trial in result.trials if trial.agent == "oracle"] == [1.0, 1.0]


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("name", sorted(MISREAD))
def test_solution_that_misreads_a_rule_does_not_pass(
    name: str, number: int, engine: DockerEngine, tmp_path: Path
) -> None:
    wanted = Draw(split="train", count=1, seed=0, first=number)
    task = load_package(render_family(FAMILIES / name, wanted, out=tmp_path)[0])
    assert run_trial(TrialRequest(task=task, agent=Oracle()), engine).passed
    for rule in MISREAD[name]:
        trial = run_trial(TrialRequest(task=task, agent=Script(text=misread(name, number, rule))), engine)
        assert trial.failure is None, trial.failure
        assert trial.agent_log.endswith("status 0"), trial.agent_log
        assert trial.reward is not None
        assert 0 <= trial.reward < task.pass_threshold, rule
