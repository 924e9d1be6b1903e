"""Turn the trials of the ladder into findings for the author, and into failures that are ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from posttrain_arena.core.trial.image_content import Copy
from posttrain_arena.core.trial.peaks import peaks_of, tight
from posttrain_arena.core.trial.probes import Probe
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.report import Peak
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Failure, Stage, Trial

ORACLE = "oracle/solve.sh"
VERIFIER = "verifier/test.sh"
FILE_OF_STAGE = {
    "build": "environment/Dockerfile",
    "start": "environment/Dockerfile",
    "agent": ORACLE,
    "verifier": VERIFIER,
    "reward": VERIFIER,
}
"""Where an author looks first when a stage of a trial failed."""

HOW_OF_STAGE = {
    "build": "run `docker build {package}/environment` and mend what it says",
    "start": "start from an image that has bash, such as the shared base image",
    "agent": "run `scripts/run_local.sh {package}` and mend the oracle until it scores 1.0",
    "verifier": "make test.sh end with status 0 on every path and write the reward files whatever the agent left",
    "reward": "write one number in [0, 1] to reward.txt and reward.json on every path",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """How far a package came.

    ``scored_again`` is what the verifier said of the oracle's first workspace once more, ``copies`` are the files of
    oracle/ and verifier/ that lie in the image.
    """

    package: TaskPackage
    oracle: Trial
    noop: Trial
    oracle_again: Trial | None = None
    scored_again: float | Failure | None = None
    copies: tuple[Copy, ...] = ()
    probes: tuple[tuple[Probe, Trial], ...] = ()
    build_sec: float = 0.0

    def is_sound(self) -> bool:
        """Say whether the oracle passed and the empty trial earned nothing."""
        return self.oracle.passed and self.noop.failure is None and self.noop.reward == 0.0

    def honest(self) -> tuple[Trial, ...]:
        """Return the trials that are no cheats."""
        return (self.oracle, self.noop, *(() if self.oracle_again is None else (self.oracle_again,)))

    def trials(self) -> tuple[Trial, ...]:
        """Return every trial, the honest ones first."""
        return (*self.honest(), *(trial for _, trial in self.probes))

    def peaks(self) -> tuple[Peak, ...]:
        """Return the most that the oracle's trials used."""
        worked = [trial for trial in self.honest() if trial is not self.noop]
        return peaks_of(self.package, worked, build_sec=self.build_sec)


def judge(rung: Rung) -> tuple[tuple[Finding, ...], tuple[Failure, ...]]:
    """Return the author's findings and our failures; what fails in several trials is said once."""
    failures = [(trial, trial.failure) for trial in rung.trials() if trial.failure is not None]
    ours = [failure for _, failure in failures if failure.owner != "author"]
    if isinstance(rung.scored_again, Failure) and rung.scored_again.owner != "author":
        ours.append(rung.scored_again)
    findings = [*_of_oracle(rung), *_of_nothing(rung), *_of_repeats(rung), *_of_image(rung), *_of_probes(rung)]
    findings += _of_limits(rung)
    told: dict[Failure, Finding] = {}
    for trial in rung.honest():
        if trial.failure is not None and trial.failure.owner == "author":
            told.setdefault(trial.failure, _of_failure(rung.package, trial.agent, trial.failure))
    return tuple(dict.fromkeys([*told.values(), *findings])), tuple(dict.fromkeys(ours))


def _of_oracle(rung: Rung) -> Iterator[Finding]:
    for trial in (rung.oracle, rung.oracle_again):
        if trial is not None and trial.failure is None and not trial.passed:
            what = f"the oracle scores {trial.reward}, a pass is {rung.package.pass_threshold:g}"
            yield _finding(rung.package, "oracle-does-not-pass", ORACLE, what, _how(rung.package, "agent"))


def _of_nothing(rung: Rung) -> Iterator[Finding]:
    if rung.noop.failure is None and rung.noop.reward != 0.0:
        what = f"the empty trial scores {rung.noop.reward}, it must score 0.0"
        how = "make the verifier check work that only a solution does; an untouched workspace earns nothing"
        yield _finding(rung.package, "empty-trial-pays", VERIFIER, what, how)


def _of_repeats(rung: Rung) -> Iterator[Finding]:
    again = rung.oracle_again
    if again is not None and again.failure is None and again.reward != rung.oracle.reward:
        what = f"the oracle scores {rung.oracle.reward} and then {again.reward}"
        how = "take chance, the clock and the order of files out of solve.sh, or make the verifier accept what varies"
        yield _finding(rung.package, "oracle-unsteady", ORACLE, what, how)
    if isinstance(rung.scored_again, float) and rung.scored_again != rung.oracle.reward:
        what = f"the verifier scores one workspace {rung.oracle.reward} and then {rung.scored_again}"
        how = "take chance, the clock and the order of files out of the verifier; it must not change what it scores"
        yield _finding(rung.package, "verifier-unsteady", VERIFIER, what, how)


def _of_image(rung: Rung) -> Iterator[Finding]:
    for name, place in rung.copies:
        what = f"the image holds {name} as {place}: the agent could read it"
        yield _finding(rung.package, "solution-in-built-image", "environment/Dockerfile", what, f"leave {place} out")


def _of_limits(rung: Rung) -> Iterator[Finding]:
    for peak, setting in tight(rung.peaks()):
        what = (
            f"{peak.resource}: {peak.used:.1f} of {peak.limit:g} {peak.unit} were used; agents need more than an oracle"
        )
        finding = _finding(rung.package, "limit-tight", "task.md", what, f"raise {setting}, or make the task need less")
        yield replace(finding, severity="warning")


def _of_probes(rung: Rung) -> Iterator[Finding]:
    for probe, trial in rung.probes:
        name = trial.agent.removeprefix("probe:")
        if trial.passed:
            what = f"the cheat {name} earns {trial.reward}: {probe.about}"
            how = (
                "make the verifier recompute the answer from its own data, and run nothing that lies in the workspace; "
                "docs/verifiers.md says what holds against each cheat"
            )
            yield _finding(rung.package, "probe-passes", VERIFIER, what, how)
        failure = trial.failure
        if failure is not None and failure.owner == "author" and failure.stage in ("verifier", "reward"):
            what = f"the verifier breaks on what the cheat {name} leaves: {probe.about} {failure.detail}"
            finding = _finding(rung.package, "verifier-breaks", VERIFIER, what, _how(rung.package, failure.stage))
            yield replace(finding, severity="warning")


def _of_failure(package: TaskPackage, agent: str, failure: Failure) -> Finding:
    gap = "\n" if "\n" in failure.detail else " "
    what = f"{failure.reason} in the {agent} trial:{gap}{failure.detail}"
    how = _how(package, failure.stage)
    return _finding(package, f"trial-{failure.reason}", FILE_OF_STAGE[failure.stage], what, how)


def _how(package: TaskPackage, stage: Stage) -> str:
    return HOW_OF_STAGE[stage].replace("{package}", package.path.as_posix())


def _finding(package: TaskPackage, rule: str, file: str, what: str, how: str) -> Finding:
    path = (package.path / file).as_posix()
    return Finding(rule=rule, severity="error", path=path, what=what, how=how)
