"""Wrong solutions of packages from the kit's families do not pass, and none crashes a verifier.

tests/examples/families/<family>/ has them as scripts for one package of the family: plausible (one slip in the
reference solution), lazy (something of the right form) and adversarial (made to break or to fool the verifier).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from test_solutions import WRONG, Solution

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.cli.packages import load_package
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.core.trial.runner import TrialRequest, run_trial

pytestmark = pytest.mark.docker
SOLUTIONS = Path(__file__).parents[1] / "examples" / "families"
PACKAGE = Draw(split="train", count=1, seed=0, first=1)
SCRIPTS = sorted(SOLUTIONS.glob("*/*.sh"))


def test_families_have_all_three() -> None:
    written = {folder.name: {script.stem for script in folder.iterdir()} for folder in SOLUTIONS.iterdir()}
    assert len(written) >= 3
    assert written == dict.fromkeys(written, WRONG)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_wrong_solution_of_a_family_does_not_pass(script: Path, engine: DockerEngine, tmp_path: Path) -> None:
    task = load_package(render_family(FAMILIES / script.parent.name, PACKAGE, out=tmp_path)[0])
    trial = run_trial(TrialRequest(task=task, agent=Solution(script=script)), engine)
    assert trial.failure is None, trial.failure
    assert "[exit status" not in trial.agent_log, "it runs to its end"
    assert trial.reward is not None
    assert not trial.passed, trial.verifier_log
    assert 0 <= trial.reward < task.pass_threshold
    assert "Traceback" not in trial.verifier_log
