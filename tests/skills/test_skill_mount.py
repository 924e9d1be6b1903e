"""Skills lie where agents look for them, cannot be changed, and never reach the verifier."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from trial_packages import write_package

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.adapters.docker_engine.skills import own_copy
from posttrain_arena.core.trial.agents import AgentRun
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.sandbox import Sandbox
from posttrain_arena.model.places import SKILLS_DIR
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Trial

SEES_NOTHING = """\
find / -name SKILL.md -o -name '*only-in-skills*' 2>/dev/null | grep -v ^/proc > /tmp/found
ls -a "$BENCHFLOW_WORKSPACE" >> /tmp/found
cat /tmp/found
reward=1.0
grep -q 'SKILL\\|agents\\|only-in-skills' /tmp/found && reward=0.0
[ -f "$BENCHFLOW_WORKSPACE/out" ] || reward=0.0
echo $reward > "$BENCHFLOW_REWARD_TEXT"
echo "{\\"reward\\": $reward}" > "$BENCHFLOW_REWARD_JSON"
exit 0
"""


class Types:
    """Types commands as an agent would."""

    name = "types"

    def __init__(self, *commands: str) -> None:
        self.commands = commands

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        said = [sandbox.run(command, timeout_sec=10).output for command in self.commands]
        return AgentRun(exit_reason="completed", log="".join(said))


@pytest.fixture
def skills(tmp_path: Path) -> Path:
    folder = tmp_path / "skills"
    for name, mode in {"write-out/SKILL.md": 0o600, "write-out/scripts/only-in-skills.sh": 0o700}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("#!/bin/bash\necho alpha > out\n")
        (folder / name).chmod(mode)
    (folder / "write-out").chmod(0o700)
    (folder / "write-out" / "machine").symlink_to("/etc")
    return folder


def tried(engine: DockerEngine, folder: Path, skills: Path | None, *commands: str) -> Trial:
    task = write_package(folder, "with-skills", verifier=SEES_NOTHING)
    return run_trial(TrialRequest(task=task, agent=Types(*commands), skills=skills), engine)


@pytest.mark.docker
def test_agent_reads_and_runs_skills_and_the_verifier_has_none(
    engine: DockerEngine, skills: Path, tmp_path: Path
) -> None:
    script = "~/.agents/skills/write-out/scripts/only-in-skills.sh"
    trial = tried(engine, tmp_path, skills, "cat ~/.agents/skills/*/SKILL.md", script, "ls ~/.agents/skills/write-out")
    assert trial.passed, trial.verifier_log
    assert "echo alpha" in trial.agent_log
    assert "machine" not in trial.agent_log


@pytest.mark.docker
def test_agent_cannot_change_skills(engine: DockerEngine, skills: Path, tmp_path: Path) -> None:
    place = SKILLS_DIR
    commands = [
        f"echo changed > {place}/write-out/SKILL.md && echo ESCAPED",
        f"touch {place}/new && echo ESCAPED",
        f"rm -rf {place}/write-out && echo ESCAPED",
        f"chmod -R 777 {place} && echo ESCAPED",
        f"mv {place} /root/elsewhere && echo ESCAPED",
        f"mount -o remount,rw {place} && echo ESCAPED",
        f"umount {place} && echo ESCAPED",
        "echo alpha > out",
    ]
    trial = tried(engine, tmp_path, skills, *commands)
    assert "ESCAPED" not in trial.agent_log
    assert trial.passed, trial.verifier_log
    assert (skills / "write-out" / "SKILL.md").read_text().startswith("#!/bin/bash")


@pytest.mark.docker
def test_without_skills_their_folder_is_not_there(engine: DockerEngine, tmp_path: Path) -> None:
    trial = tried(engine, tmp_path, None, "ls -d ~/.agents; echo alpha > out")
    assert "No such file" in trial.agent_log
    assert trial.passed, trial.verifier_log


@pytest.mark.docker
def test_what_the_agent_itself_put_beside_the_skills_is_kept(
    engine: DockerEngine, skills: Path, tmp_path: Path
) -> None:
    trial = tried(engine, tmp_path, skills, "echo mine > ~/.agents/notes; echo alpha > out")
    assert trial.reward == 0.0
    assert ".agents" in trial.verifier_log
    assert "SKILL" not in trial.verifier_log


@pytest.mark.docker
def test_warm_containers_have_no_skills(engine: DockerEngine, skills: Path, tmp_path: Path) -> None:
    task = write_package(tmp_path, "warm-skills")
    with (
        pytest.raises(ValueError, match="fresh containers alone"),
        engine.open(task, str(engine.build(task)), isolation="warm", skills=skills),
    ):
        raise AssertionError("a warm container was given skills")


def test_each_trial_has_a_copy_of_its_own(skills: Path) -> None:
    with own_copy(skills) as first, own_copy(skills) as second:
        page = Path("write-out/SKILL.md")
        assert (first / page).read_bytes() == (second / page).read_bytes() == (skills / page).read_bytes()
        assert len({os.stat(folder / page).st_ino for folder in (first, second, skills)}) == 3
        assert oct((first / page).stat().st_mode & 0o777) == "0o644"
        assert oct((first / "write-out").stat().st_mode & 0o777) == "0o755"
        assert oct((first / "write-out/scripts/only-in-skills.sh").stat().st_mode & 0o777) == "0o755"
        assert not os.path.lexists(first / "write-out/machine")
    assert not first.exists()
