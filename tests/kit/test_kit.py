"""The starting kit keeps its promise: every package passes publication-grade, with equal rewards in every round.

Prints wall time, and of each package the peaks beside what it declares.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

import pytest
from played_hosts import PlayedHosts

from posttrain_arena.cli.check import check
from posttrain_arena.cli.ladder import trial_findings
from posttrain_arena.core.check.entry import packages_in
from posttrain_arena.core.check.targets import find_targets
from posttrain_arena.model.documents import REPOSITORY_ROOT
from posttrain_arena.model.report import Report, Subject

pytestmark = pytest.mark.docker
KIT = REPOSITORY_ROOT / "starting-kit"
FOLDERS = (KIT / "examples", KIT / "public-sample")
HONEST = ["oracle", "noop", "oracle"]


@dataclass(frozen=True)
class Round:
    """One run of the whole ladder over the kit."""

    report: Report
    seconds: float

    def subject(self, name: str) -> Subject:
        return next(subject for subject in self.report.subjects if subject.name == name)


@pytest.fixture(scope="module")
def rounds(internet: PlayedHosts) -> list[Round]:
    try_all = partial(trial_findings, announce=lambda line: None, remember=False, uplink=internet.uplink)
    found = []
    for _ in range(2):
        began = time.monotonic()
        report = check(find_targets(list(FOLDERS)), level="publication-grade", remember=False, try_all=try_all)
        found.append(Round(report=report, seconds=time.monotonic() - began))
    return found


@pytest.mark.parametrize("name", [path.name for folder in FOLDERS for path in packages_in(folder)])
def test_a_package_passes_every_round_with_equal_rewards_and_no_finding(
    rounds: list[Round], name: str, record_property: pytest.RecordProperty
) -> None:
    subjects = [found.subject(name) for found in rounds]
    for subject in subjects:
        assert (subject.outcome, subject.findings) == ("passed", ())
        agents = [trial.agent for trial in subject.trials]
        assert agents[:3] == HONEST
        assert sum(agent.startswith("probe:") for agent in agents) == len(agents) - 3 >= 15
        assert [(trial.passed, trial.reward == 0.0) for trial in subject.trials[:3]] == [
            (True, False),
            (False, True),
            (True, False),
        ]
        assert not any(trial.passed for trial in subject.trials[3:])
    rewards = {tuple((trial.agent, trial.reward) for trial in subject.trials) for subject in subjects}
    assert len(rewards) == 1, "every round gives every agent the same"
    peaks = ", ".join(f"{peak.resource} {peak.used:.1f}/{peak.limit:g} {peak.unit}".strip() for peak in subject.peaks)
    assert peaks
    record_property("figure", f"{name}: {peaks}")


def test_the_kit_takes_minutes(rounds: list[Round], record_property: pytest.RecordProperty) -> None:
    packages, trials = rounds[0].report.counts.packages, [found.report.counts.trials for found in rounds]
    told = " and ".join(f"{found.seconds:.0f} s" for found in rounds)
    record_property("figure", f"{packages} packages, {trials[0]} trials a round: {told}")
    assert len(set(trials)) == 1
    assert trials[0] > 18 * packages
