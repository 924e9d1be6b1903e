"""What a run must show to go on: it can learn, and its trials are those of its tasks, not of a failing machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from posttrain_arena.errors import TrainingError
from posttrain_arena.model.recipe import Gates
from posttrain_arena.model.trial import Trial

SOLVED_REWARD = 0.999
"""Mean reward of a step whose groups all agree, from which on they agree because every trial passed."""


def require_few_lost(trials: Sequence[Trial], max_share: float, *, where: str) -> None:
    """Raise TrainingError where more than ``max_share`` of the trials were lost.

    Its owner is *us* where those that we lost ourselves are that many, and else the infrastructure.
    """
    lost = [trial.failure for trial in trials if trial.failure and trial.lost]
    if len(lost) <= max_share * len(trials):
        return
    ours = [failure for failure in lost if failure.owner == "us"]
    count, reasons = f"{len(lost)} of {len(trials)} trials", ", ".join(sorted({failure.reason for failure in lost}))
    again = "run again, it goes on from the last that is done"
    if len(ours) > max_share * len(trials):
        raise TrainingError(f"{where}: {count} were lost ({reasons}): {ours[0].detail}\nMend that and {again}")
    raise TrainingError(f"{where}: the infrastructure lost {count} ({reasons}): {again}", owner="infrastructure")


class GateKeeper:
    """Watches GRPO: stops a run that cannot learn, ends one that has nothing left to learn.

    Hears the metrics of every step in order, also of those before a run was resumed.
    """

    def __init__(self, gates: Gates, *, solved_steps: int | None) -> None:
        """``solved_steps`` in a row in which every trial passed end the run; None never ends it early."""
        self._gates = gates
        self._solved_steps = solved_steps
        self._without_variance = 0
        self._varied = False
        self._passed = 0
        self._collapsed = 0

    @property
    def solved(self) -> bool:
        """Whether so many steps passed whole that nothing is left to learn."""
        return self._solved_steps is not None and self._passed >= self._solved_steps

    def hear(self, row: Mapping[str, float | int]) -> None:
        """Take a step's metrics; raises TrainingError where the run must not go on."""
        equal = row.get("frac_reward_zero_std", 0.0) >= 1.0
        self._passed = self._passed + 1 if equal and row.get("reward", 0.0) >= SOLVED_REWARD else 0
        self._require_variance(row, equal)
        self._require_entropy(row)
        self._require_one_policy(row)

    def _require_variance(self, row: Mapping[str, float | int], equal: bool) -> None:
        self._varied = self._varied or not equal
        self._without_variance += not self._varied
        if self._without_variance >= self._gates.max_steps_without_variance:
            raise TrainingError(
                f"in {self._without_variance} steps no group's rewards differed (mean reward {row.get('reward')}): "
                "GRPO has nothing to learn from; the tasks are too hard or too easy for the policy after SFT",
                owner="author",
            )

    def _require_entropy(self, row: Mapping[str, float | int]) -> None:
        entropy = row.get("entropy")
        low = entropy is not None and entropy < self._gates.min_entropy and not self._passed
        self._collapsed = self._collapsed + 1 if low else 0
        if self._collapsed >= self._gates.max_steps_without_variance:
            raise TrainingError(
                f"in {self._collapsed} steps the policy's entropy was below {self._gates.min_entropy:g} nats a token "
                f"({entropy:.2g} at step {row.get('step')}) though trials fail: it writes one thing and cannot explore",
                owner="author",
            )

    def _require_one_policy(self, row: Mapping[str, float | int]) -> None:
        divergence = row.get("sampler_kl")
        if divergence is not None and divergence > self._gates.max_sampler_kl:
            raise TrainingError(
                f"step {row.get('step')}: the policy that sampled and the one that is trained differ by "
                f"{divergence:.3g} nats a token, over {self._gates.max_sampler_kl:g}: the server serves another policy"
            )
