"""Run the trials of GRPO steps, ahead of the trainer where the recipe lets them be stale."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol

from posttrain_arena.core.training.gates import require_few_lost
from posttrain_arena.core.training.plan import Plan, RolloutRequest
from posttrain_arena.model.trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The trials of one task in one step. A lost trial says nothing of the policy."""

    task: str
    trials: tuple[Trial, ...]

    def rewards(self) -> list[float]:
        """Return the rewards: 0.0 where the verifier never ran, the others' mean (no advantage) for a lost trial."""
        known = [0.0 if trial.reward is None else trial.reward for trial in self.trials if not trial.lost]
        mean = statistics.fmean(known) if known else 0.0
        return [mean if trial.lost else trial.reward or 0.0 for trial in self.trials]

    def differs(self) -> bool:
        """Say whether the rewards give an advantage to any trial."""
        return len(set(self.rewards())) > 1

    def hopeless(self) -> bool:
        """Say whether the package itself failed in every trial: its verifier or its programs hang, or crash."""
        return all(_failed_by_package(trial) for trial in self.trials)


def _failed_by_package(trial: Trial) -> bool:
    """Say whether the package is to blame, also where the agent's time ran out in its programs and not in the model."""
    if trial.failure is None:
        return trial.exit_reason == "timeout" and 2 * trial.timings.model_sec < trial.timings.agent_sec
    return not trial.lost


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRollouts:
    """What a step is trained on; ``version`` is the number of updates of the policy that sampled it.

    ``groups`` are trained on, ``dropped`` ran too and are not: those that ``replaced`` of the reserve took the place
    of, and those of the reserve that were no better. ``sync_gap`` is how far, in nats a token, the server of that
    policy was from its trainer when it took it over.
    """

    step: int
    version: int
    sync_gap: float
    groups: tuple[Group, ...]
    dropped: tuple[Group, ...]
    replaced: int
    seconds: float

    @property
    def trained(self) -> list[Trial]:
        """The trials that are trained on, group by group."""
        return [trial for group in self.groups for trial in group.trials]

    @property
    def trials(self) -> list[Trial]:
        """All trials that ran: what is told of the policy and the machine is told of these."""
        return self.trained + [trial for group in self.dropped for trial in group.trials]


class Actor(Protocol):
    """Serves policies by version and runs trials with them; safe to use from many threads."""

    def load(self, adapter: Path, version: int) -> float:
        """Serve an adapter as this version, until the version that many updates later takes its place.

        Returns the gap between server and trainer (see ``StepRollouts``); raises ModelServerError where it is too wide.
        """
        ...

    def act(self, request: RolloutRequest, version: int) -> Trial:
        """Run one trial with the policy of a version."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``steps`` in all; rollouts up to ``staleness`` updates behind; at most ``concurrency`` trials at once.

    ``max_lost_share`` of the trials that ran for a step may be lost to the infrastructure before the run stops.
    """

    steps: int
    staleness: int
    concurrency: int
    max_lost_share: float


class Rollouts:
    """The trials of a run's steps. Use as a context manager: leaving it gives up what was run ahead.

    Step ``s`` is sampled by the policy after ``max(0, s - staleness)`` updates. The adapters of the versions in use
    stay in ``folder``, so that a run that was killed samples the same again.
    """

    def __init__(self, plan: Plan, actor: Actor, settings: Settings, *, folder: Path, given_up: dict[str, int]) -> None:
        """``given_up`` maps tasks to the steps at which they were given up, and grows.

        A step leaves out what was given up before the steps that may run beside it, so that no race decides.
        """
        self._plan = plan
        self._actor = actor
        self._settings = settings
        self._folder = folder
        self._given_up = given_up
        self._ahead: dict[int, Future[StepRollouts]] = {}
        self._gaps: dict[int, float] = {}
        self._trials = ThreadPoolExecutor(settings.concurrency, thread_name_prefix="rollout")
        self._steps = ThreadPoolExecutor(settings.staleness + 1, thread_name_prefix="rollouts-of-step")

    def __enter__(self) -> Rollouts:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in (self._steps, self._trials):
            pool.shutdown(wait=kind is None, cancel_futures=True)

    def of_step(self, step: int, save: Callable[[Path], None]) -> StepRollouts:
        """Return the trials of ``step``, and let those of the next steps begin with the policy that ``save`` writes.

        Raises TrainingError where too many trials were lost to the infrastructure.
        """
        self._publish(step, save)
        for number in range(step, min(step + self._settings.staleness + 1, self._settings.steps)):
            if number not in self._ahead:
                self._ahead[number] = self._steps.submit(self._run, number, self._version(number, now=step))
        rollouts = self._ahead.pop(step).result()
        require_few_lost(rollouts.trials, self._settings.max_lost_share, where=f"step {step + 1}")
        return rollouts

    def _publish(self, step: int, save: Callable[[Path], None]) -> None:
        oldest = step - self._settings.staleness - 1  # still served, and loaded again should the server die
        for path in self._folder.glob("*"):
            if not path.name.isdigit() or int(path.name) < oldest:
                shutil.rmtree(path)
        current, unfinished = self._folder / str(step), self._folder / f"{step}.part"
        save(unfinished)
        if current.exists():  # of a run that was killed: the same, unless the disk harmed it
            shutil.rmtree(current)
        unfinished.rename(current)

    def _version(self, step: int, *, now: int) -> int:
        """Return the version that samples a step: the one of the plan, or the newest where a resumed run lacks it."""
        wanted = max(0, step - self._settings.staleness)
        version = wanted if (self._folder / str(wanted)).exists() else now
        if version not in self._gaps:
            self._gaps[version] = self._actor.load(self._folder / str(version), version)
        return version

    def _run(self, step: int, version: int) -> StepRollouts:
        began = time.monotonic()
        known = step - self._settings.staleness
        plan = self._plan.step(step, without=[task for task, since in self._given_up.items() if since < known])
        groups = self._act(plan.groups, version)
        equal = [group for group in groups if not group.differs()]
        instead = self._act(plan.reserve[: len(equal)], version) if equal else []
        better = [group for group in instead if group.differs()]
        for group in [*groups, *instead]:
            if group.hopeless():
                self._given_up.setdefault(group.task, step)
        kept = [group for group in groups if group.differs()] + better + equal[len(better) :]
        return StepRollouts(
            step=step,
            version=version,
            sync_gap=self._gaps[version],
            groups=tuple(kept),
            dropped=(*equal[: len(better)], *(group for group in instead if not group.differs())),
            replaced=len(better),
            seconds=time.monotonic() - began,
        )

    def _act(self, groups: Sequence[Sequence[RolloutRequest]], version: int) -> list[Group]:
        # neighbours are of different tasks: few warm containers then serve many trials
        requests = sorted((request for group in groups for request in group), key=lambda request: request.generation)
        futures = {
            (request.task, request.generation): self._trials.submit(self._actor.act, request, version)
            for request in requests
        }
        return [
            Group(
                task=group[0].task,
                trials=tuple(futures[request.task, request.generation].result() for request in group),
            )
            for group in groups
        ]
