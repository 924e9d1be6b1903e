"""The ladder tells a package's faults from each other, and from ours."""

from __future__ import annotations

import pytest
from trial_packages import BASE, write_package

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.core.trial.ladder import LadderResult, climb_all
from posttrain_arena.core.trial.supply import Supply

pytestmark = pytest.mark.docker

SOLUTION = r"#!/bin/bash\ncat note\necho alpha > out\n"
"""What solve.sh holds, as printf writes it."""

FAULTS = {
    "oracle-exits": ({"oracle": "exit 1\n"}, "trial-oracle-failed", "oracle/solve.sh"),
    "oracle-wrong": ({"oracle": "echo beta > out\n"}, "oracle-does-not-pass", "oracle/solve.sh"),
    "verifier-crashes": ({"verifier": "exit 7\n"}, "trial-verifier-crashed", "verifier/test.sh"),
    "verifier-silent": ({"verifier": "exit 0\n"}, "trial-reward-missing", "verifier/test.sh"),
    "verifier-pays-all": (
        {"verifier": 'echo 1.0 > "$BENCHFLOW_REWARD_TEXT"\nexit 0\n'},
        "empty-trial-pays",
        "verifier/test.sh",
    ),
    "image-breaks": ({"dockerfile": f"FROM {BASE}\nRUN exit 3\n"}, "trial-build-failed", "environment/Dockerfile"),
    "image-missing": ({"dockerfile": "FROM nowhere.invalid/none:1\n"}, "trial-build-failed", "environment/Dockerfile"),
    "solution-made-in-the-image": (
        {"dockerfile": f"FROM {BASE}\nWORKDIR /root\nCOPY note note\nRUN printf '{SOLUTION}' > /srv/notes\n"},
        "solution-in-built-image",
        "environment/Dockerfile",
    ),
    "reward-nan": (
        {"verifier": 'echo nan > "$BENCHFLOW_REWARD_TEXT"\nexit 0\n'},
        "trial-reward-not-finite",
        "verifier/test.sh",
    ),
}


@pytest.fixture(scope="module")
def results(engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, LadderResult]:
    folder = tmp_path_factory.mktemp("ladder")
    packages = [write_package(folder, name, **parts) for name, (parts, _, _) in FAULTS.items()]
    packages.insert(4, write_package(folder, "sound"))
    found = climb_all(packages, engine, cores=Supply(2))
    return {package.name: result for package, result in zip(packages, found, strict=True)}


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_package_is_a_finding_for_its_author(results: dict[str, LadderResult], name: str) -> None:
    _, rule, file = FAULTS[name]
    assert results[name].broken == ()
    assert rule in [finding.rule for finding in results[name].findings]
    assert all(finding.path.endswith(file) for finding in results[name].findings if finding.rule == rule)
    assert all(trial.failure is None or trial.failure.owner == "author" for trial in results[name].trials)


def test_a_sound_package_among_broken_ones_passes(results: dict[str, LadderResult]) -> None:
    sound = results["sound"]
    assert (sound.findings, sound.broken) == ((), ())
    assert [trial.reward for trial in sound.trials[:3]] == [1.0, 0.0, 1.0]
    probes = sound.trials[3:]
    assert len({trial.agent for trial in probes}) == len(probes) >= 16
    assert not any(trial.passed for trial in probes)
