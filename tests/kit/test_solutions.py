"""Wrong solutions of the kit's packages do not pass; half a solution of a graded task earns a part.

tests/examples/solutions/<package>/ has them as scripts, written by hand: plausible (one slip in the reference solution,
which it finds in /oracle), lazy (something of the right form), adversarial (made to break or to fool the verifier),
and for graded tasks partial. Each runs as the agent of a real trial.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.cli.packages import load_package
from posttrain_arena.core.check.entry import packages_in
from posttrain_arena.core.trial.agents import Solution
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.model.documents import REPOSITORY_ROOT

pytestmark = pytest.mark.docker
KIT = REPOSITORY_ROOT / "starting-kit"
PACKAGES = {path.name: path for folder in ("examples", "public-sample") for path in packages_in(KIT / folder)}
SOLUTIONS = Path(__file__).parents[1] / "examples" / "solutions"
WRONG = {"plausible", "lazy", "adversarial"}
GRADED_TAG = "partial-credit"
SCRIPTS = sorted(SOLUTIONS.glob("*/*.sh"))


def test_every_package_has_its_wrong_solutions() -> None:
    written = {folder.name: {script.stem for script in folder.iterdir()} for folder in SOLUTIONS.iterdir()}
    graded = {name for name, path in PACKAGES.items() if GRADED_TAG in load_package(path).tags}
    assert written == {name: WRONG | ({"partial"} if name in graded else set()) for name in PACKAGES}
    assert len(graded) >= 6


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_wrong_solution_does_not_pass(script: Path, engine: DockerEngine) -> None:
    task = load_package(PACKAGES[script.parent.name])
    trial = run_trial(TrialRequest(task=task, agent=Solution(script=script)), engine)
    assert trial.failure is None, trial.failure
    assert "[exit status " not in trial.agent_log, trial.agent_log
    assert trial.reward is not None
    assert not trial.passed, trial.verifier_log
    assert 0 <= trial.reward < task.pass_threshold
    if script.stem == "partial":
        assert trial.reward > 0
