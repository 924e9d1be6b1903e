"""Skills that try to read the suite or the verifier, to talk, to remember or to forge: none gets anything.

Each folder of ``hostile`` is a package as an entry would have it. ``sees`` print ESCAPED where they got hold of
something; ``forges`` leave things for the verifier, which pays for the right answer alone.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from trial_packages import write_package

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.cli.skill_sets import skill_set
from posttrain_arena.core.trial.agents import AgentRun
from posttrain_arena.core.trial.batch import run_trials
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.sandbox import Sandbox
from posttrain_arena.errors import DocumentError
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.tree import tree_digest

HOSTILE = Path(__file__).parent / "hostile"
SECRET = "only-the-verifier-knows"
STRICT = f"""\
# {SECRET}
reward=0.0
if [ -f "$BENCHFLOW_WORKSPACE/answer" ] && [ ! -L "$BENCHFLOW_WORKSPACE/answer" ] \\
  && cmp -s "$BENCHFLOW_WORKSPACE/answer" /verifier/expected.txt; then reward=1.0; fi
echo $reward > "$BENCHFLOW_REWARD_TEXT"
echo "{{\\"reward\\": $reward}}" > "$BENCHFLOW_REWARD_JSON"
echo "workspace:" $(find "$BENCHFLOW_WORKSPACE" -name SKILL.md | wc -l)
exit 0
"""


class Reader:
    """Does with a skill what an agent would: opens it, then runs its script."""

    name = "reader"

    def __init__(self, skill: str) -> None:
        self.skill = skill

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        folder = f"~/.agents/skills/{self.skill}"
        said = [
            sandbox.run(command, timeout_sec=15).output
            for command in (f"cat {folder}/SKILL.md", f"bash {folder}/scripts/run.sh note")
        ]
        return AgentRun(exit_reason="completed", log="\n".join(said))


def names(kind: str) -> list[str]:
    return sorted(path.name for path in (HOSTILE / kind).iterdir())


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> TaskPackage:
    written = write_package(tmp_path_factory.mktemp("attacked"), "guarded-note", verifier=STRICT)
    (written.path / "verifier" / "expected.txt").write_text(f"{SECRET}-the-answer\n")
    return written


@pytest.fixture(scope="module")
def skills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of them mounted together, from a folder beside things of the machine, with a link that no check has seen."""
    machine = tmp_path_factory.mktemp("machine")
    (machine / "arena-host-marker").touch()
    for kind in ("sees", "forges"):
        shutil.copytree(HOSTILE / kind, machine / "skills", dirs_exist_ok=True)
    (machine / "skills" / "links-out-of-the-package" / "machine").symlink_to("/etc")
    return machine / "skills"


@pytest.mark.docker
@pytest.mark.parametrize("name", names("sees"))
def test_a_skill_sees_nothing_of_suite_verifier_and_machine(
    name: str, task: TaskPackage, skills: Path, engine: DockerEngine
) -> None:
    trial = run_trial(TrialRequest(task=task, agent=Reader(name), skills=skills), engine)
    assert f"name: {name}" in trial.agent_log  # the skill was there, and read
    assert "ESCAPED" not in trial.agent_log
    assert (trial.failure, trial.reward) == (None, 0.0)


@pytest.mark.docker
@pytest.mark.parametrize("name", names("forges"))
def test_a_skill_forges_no_reward(name: str, task: TaskPackage, skills: Path, engine: DockerEngine) -> None:
    trial = run_trial(TrialRequest(task=task, agent=Reader(name), skills=skills), engine)
    assert f"name: {name}" in trial.agent_log
    assert not trial.passed
    assert trial.reward in (0.0, None)
    assert "ESCAPED" not in trial.agent_log
    assert trial.failure is None or trial.failure.owner == "author"


@pytest.mark.docker
def test_trials_tell_each_other_nothing_through_skills(task: TaskPackage, skills: Path, engine: DockerEngine) -> None:
    requests = [
        TrialRequest(task=task, agent=Reader("trial-before"), attempt=number, skills=skills) for number in range(4)
    ]
    logs = [trial.agent_log for trial in run_trials(requests, engine, concurrency=2)]
    assert all("name: trial-before" in log and "ESCAPED" not in log for log in logs)


def test_an_entry_with_a_link_is_no_entry(tmp_path: Path) -> None:
    entry = tmp_path / "entry"
    shutil.copytree(HOSTILE / "sees", entry / "skills")
    assert [card.name for card in skill_set(entry, tree_digest(entry)).cards] == names("sees")
    (entry / "skills" / "network" / "machine").symlink_to("/etc/passwd")
    with pytest.raises(DocumentError, match="only regular files"):
        tree_digest(entry)
