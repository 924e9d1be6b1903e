"""Every cheat can win: for each there is a verifier so weak that it pays, and the template's, which does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from trial_packages import write_package

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.core.trial.agents import Noop, Oracle
from posttrain_arena.core.trial.ladder import climb
from posttrain_arena.core.trial.probes import CHEATS, EXHAUSTION, TAMPERING, Probe
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.supply import Supply
from posttrain_arena.model.task import Limits, TaskPackage

pytestmark = pytest.mark.docker

PAY = """\
pay() {
  echo "$1" > "$BENCHFLOW_REWARD_TEXT"
  echo "{\\"reward\\": $1}" > "$BENCHFLOW_REWARD_JSON"
  echo '{}' > "$BENCHFLOW_REWARD_DETAILS_JSON"
}
pay 0.0
cd "$BENCHFLOW_WORKSPACE"
"""
TEST = """\
cat > /tmp/test_it.py <<'PYTHON'
import json
def test_it():
    assert open("/root/out").read() == "alpha\\n"
PYTHON
"""
WEAK = {
    "reward-forged": 'cp reward.txt "$BENCHFLOW_REWARD_TEXT" 2>/dev/null && cp reward.json "$BENCHFLOW_REWARD_JSON"\n',
    "reward-daemon": 'cp reward.txt "$BENCHFLOW_REWARD_TEXT" 2>/dev/null && cp reward.json "$BENCHFLOW_REWARD_JSON"\n',
    "conftest": f"{TEST}cp /tmp/test_it.py . && pytest -q test_it.py && pay 1.0\n",
    "all-skipped": f"{TEST}cp /tmp/test_it.py . && pytest -q test_it.py && pay 1.0\n",
    "pytest-options": f"{TEST}cp /tmp/test_it.py . && pytest -q test_it.py && pay 1.0\n",
    "sitecustomize": f'{TEST}PYTHONPATH=/root python3 -c "import sys; sys.exit(1)" && pay 1.0\n',
    "path-file": 'export HOME=/root; unset PYTHONNOUSERSITE; python3 -c "import sys; sys.exit(1)" && pay 1.0\n',
    "modules-shadowed": f"{TEST}python3 -m pytest -q /tmp/test_it.py && pay 1.0\n",
    "programs-replaced": f"{TEST}PATH=/root/bin:$PATH pytest -q /tmp/test_it.py && pay 1.0\n",
    "outputs-empty": "[ -e out ] && pay 1.0\n",
    "outputs-wrong": '[ "$(wc -c < out)" = 6 ] && pay 1.0\n',
    "outputs-hollow": 'grep -q "^[a-z0-9]" out && [ "$(wc -c < out)" -lt 6 ] && pay 1.0\n',
    "outputs-linked": "cmp -s out /verifier/expected.txt && pay 1.0\n",
    "fork-bomb": "[ -e out ] || pay 1.0\n",
    "disk-filler": "[ -e filler ] && pay 1.0\n",
    "endless-output": "[ -e out ] || pay 1.0\n",
    "endless-sleep": "[ -e out ] || pay 1.0\n",
}
"""Verifiers by the cheat that they pay; the last ones pay an agent that did nothing, which is what these leave."""

OUTPUT_PROBES = {
    "outputs-empty": Probe(cheat="outputs-replaced", variant="outputs-empty", arguments=("/root/out", "")),
    "outputs-wrong": Probe(cheat="outputs-replaced", variant="outputs-wrong", arguments=("/root/out", "xxxxxx")),
    "outputs-hollow": Probe(cheat="outputs-replaced", variant="outputs-hollow", arguments=("/root/out", r"0\012")),
    "outputs-linked": Probe(cheat="outputs-linked", arguments=("/root/out", "/verifier/expected.txt")),
}
PROBES = {probe.cheat: probe for probe in (*TAMPERING, *EXHAUSTION)} | OUTPUT_PROBES
LIMITS = Limits(agent_timeout_sec=20, verifier_timeout_sec=20, build_timeout_sec=60, memory_mb=512, storage_mb=1024)


def package(folder: Path, name: str, verifier: str) -> TaskPackage:
    written = write_package(folder, name, verifier=f"{PAY}{verifier}exit 0\n", limits=LIMITS)
    (written.path / "verifier" / "expected.txt").write_text("alpha\n")
    return written


def test_there_is_a_weak_verifier_for_every_cheat() -> None:
    assert WEAK.keys() == PROBES.keys()
    assert {path.stem for path in CHEATS.glob("*.sh")} == {probe.cheat for probe in PROBES.values()}
    assert all(len(probe.about) > 20 and probe.about.endswith(".") for probe in PROBES.values())


@pytest.mark.parametrize("name", sorted(WEAK))
def test_cheat_wins_against_a_weak_verifier(name: str, engine: DockerEngine, tmp_path: Path) -> None:
    weak = package(tmp_path, f"weak-{name}", WEAK[name])
    trial = run_trial(TrialRequest(task=weak, agent=PROBES[name]), engine)
    assert (trial.reward, trial.passed, trial.failure) == (1.0, True, None), trial.verifier_log


@pytest.mark.parametrize("name", ["conftest", "sitecustomize", "modules-shadowed", "programs-replaced"])
def test_weak_verifier_pays_the_cheat_and_not_nothing(name: str, engine: DockerEngine, tmp_path: Path) -> None:
    weak = package(tmp_path, f"weak-{name}", WEAK[name])
    assert run_trial(TrialRequest(task=weak, agent=Noop()), engine).reward == 0.0


def test_ladder_names_the_cheats_that_a_weak_verifier_pays(engine: DockerEngine, tmp_path: Path) -> None:
    weak = package(tmp_path, "weak-outputs", "[ -s out ] && pay 1.0\n")
    assert run_trial(TrialRequest(task=weak, agent=Oracle()), engine).passed
    result = climb(weak, engine, cores=Supply(2))
    said = sorted(finding.what.split()[2] for finding in result.findings if finding.rule == "probe-passes")
    assert said == ["outputs-hollow", "outputs-linked", "outputs-wrong"]
    assert all(finding.path.endswith("verifier/test.sh") for finding in result.findings)


@pytest.mark.parametrize(
    ("parts", "rule"),
    [
        (
            {
                "oracle": "echo $RANDOM$RANDOM > out\n",
                "verifier": "[ -e out ] && pay 0.$(tail -c 5 out | tr -dc 1-9)1\n",
            },
            "oracle-unsteady",
        ),
        (
            {
                "oracle": "echo 1 > out\n",
                "verifier": '[ -e out ] && pay "0.9$(tr -dc 1-9 < /dev/urandom | head -c 9)"\n',
            },
            "verifier-unsteady",
        ),
        (
            {
                "oracle": "echo alpha > out\n",
                "verifier": "[ -e out ] || { pay 0.0; exit 0; }\ngrep -q alpha out || exit 9\npay 1.0\n",
            },
            "verifier-breaks",
        ),
    ],
)
def test_ladder_tells_what_a_pass_hides(parts: dict[str, str], rule: str, engine: DockerEngine, tmp_path: Path) -> None:
    written = write_package(
        tmp_path, rule, oracle=parts["oracle"], verifier=f"{PAY}{parts['verifier']}exit 0\n", limits=LIMITS
    )
    graded = TaskPackage(
        name=written.name,
        path=written.path,
        digest=written.digest,
        prompt=written.prompt,
        category=written.category,
        limits=LIMITS,
        pass_threshold=0.0001,
    )
    result = climb(graded, engine, cores=Supply(2))
    assert rule in {finding.rule for finding in result.findings}, [trial.reward for trial in result.trials]
    assert result.broken == ()
