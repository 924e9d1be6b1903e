"""The stage that evaluates a checkpoint: it reads the suite and runs no entry code."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from posttrain_arena.cli.run_context import EvaluationContext, RunContext, StageResult, Tick, stage
from posttrain_arena.core.evaluation import Attempt, Subject, TrialKey, assembled, planned
from posttrain_arena.core.suites.redact import redacted
from posttrain_arena.core.training.gates import require_few_lost
from posttrain_arena.core.training.records import TrialLog, phase_seconds, read_trials, write_trials
from posttrain_arena.core.training.stages import finished
from posttrain_arena.core.trial.runner import MAX_RETRIES, TrialRequest
from posttrain_arena.core.trial.skills import SkillSet, opened_skills
from posttrain_arena.model import documents
from posttrain_arena.model.manifest import Fact
from posttrain_arena.model.reference_agent import ReferenceAgent, equipped
from posttrain_arena.model.shard import Shard
from posttrain_arena.model.suite import OpaqueSuite, Suite
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Trial

BASELINE = "base"
WITH_SKILLS = "skills"
"""The stage of an evaluation with an entry's skills; the one of the same agent without any is the baseline."""

TRIALS = "trials.jsonl"
POLL_SEC = 5
"""How often the parts of other machines are looked for: a bucket shows what they wrote ten seconds later."""


def evaluation_stage(
    context: RunContext,
    base: StageResult,
    checkpoint: StageResult | None,
    suite: tuple[Suite, Mapping[str, TaskPackage]],
    tick: Tick,
) -> StageResult:
    """Run the whole of an ``EvaluationStage``."""
    return EvaluationStage(context=context, base=base, checkpoint=checkpoint, suite=suite, tick=tick).run()


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationStage:
    """``checkpoint``, or the base model as the baseline where it is None, on the suite and its packages.

    With ``skills`` it is the base model that has them, as an agent of the track skills.
    A shard gives its trials and no evaluation. The whole takes over what its shards in the same folder did, and what
    itself did before it was killed, and runs what is missing; a trial that the infrastructure lost is run again.
    """

    context: EvaluationContext
    base: StageResult
    checkpoint: StageResult | None
    suite: tuple[Suite, Mapping[str, TaskPackage]]
    tick: Tick
    skills: SkillSet | None = None

    @property
    def name(self) -> str:
        if self.skills is not None:
            return WITH_SKILLS
        return BASELINE if self.checkpoint is None else self.checkpoint.folder.name

    @property
    def subject(self) -> Subject:
        if self.skills is not None:
            return Subject(stage=self.name, checkpoint=equipped(self.base.digest, self.skills.digest))
        return Subject(stage=self.name, checkpoint=(self.checkpoint or self.base).digest)

    @property
    def count(self) -> int:
        settings = self.context.recipe.evaluation
        return settings.baseline_trials_per_task if self._is_baseline else settings.trials_per_task

    @property
    def seed(self) -> int:
        return 0 if self._is_baseline else self.context.seed  # the baseline is one for all runs

    @property
    def _is_baseline(self) -> bool:
        return self.checkpoint is None and self.skills is None

    def run(self, shard: Shard | None = None) -> StageResult:
        """Run the whole, or one shard, unless it is done."""
        attempts = planned(*self.suite, trials_per_task=self.count, seed=self.seed, shard=shard)
        return stage(self._folder(shard), self._inputs(shard), lambda folder: self._work(folder, attempts, shard))

    def wait(self, parts: int) -> None:
        """Wait until so many parts are done; whoever runs them ends this process too where one of them fails."""
        shards = [Shard(index=index, count=parts) for index in range(1, parts + 1)]
        while missing := [one for one in shards if finished(self._folder(one), self._inputs(one)) is None]:
            self.tick(0.0, f"waiting for {len(missing)} of {parts} parts")
            time.sleep(POLL_SEC)

    def _work(self, folder: Path, attempts: Sequence[Attempt], shard: Shard | None) -> Mapping[str, Fact]:
        log = TrialLog(folder / "unfinished.jsonl")
        bearable = self.context.recipe.max_lost_share * len(attempts)
        known = _settled(log.recover(), bearable) | ({} if shard else self._of_shards())
        missing = [attempt for attempt in attempts if attempt.key not in known]
        began = time.monotonic()
        ran, attested = self._run(missing, log) if missing else ([], {})
        seconds = time.monotonic() - began
        trials = known | {(trial.task_digest, trial.attempt): trial for trial in ran}
        asked = [trials[attempt.key] for attempt in attempts]
        require_few_lost(asked, self.context.recipe.max_lost_share, where=f"evaluation of {self.name}")
        write_trials(folder / TRIALS, asked)
        if shard is None:
            result = assembled(self.suite[0], trials, subject=self.subject, trials_per_task=self.count, seed=self.seed)
            documents.write_document(folder / "evaluation.json", result)
        log.close()
        return {
            "trials": len(attempts),
            "trials_before": len(attempts) - len(ran),
            "trials_per_sec": round(len(ran) / seconds, 3) if ran else 0.0,
            "timeouts": sum(trial.exit_reason == "timeout" for trial in asked),
            **attested,
            **phase_seconds(asked),
        }

    def _run(self, attempts: Sequence[Attempt], log: TrialLog) -> tuple[list[Trial], Mapping[str, Fact]]:
        """Serve the checkpoint and run trials with it; say how far the server was from the trainer."""
        from posttrain_arena.adapters.model_server.policy import BASE, served_policy

        recipe, server_log = self.context.recipe, self.context.log(f"evaluation-{self.name}-server")
        told_of = self.skills.cards if self.skills is not None else ()
        attested: dict[str, Fact] = {}
        self.context.engine.release()
        with served_policy(self.base.folder / "model", recipe, log=server_log) as policy:
            if self.checkpoint is not None:
                attested["sync_gap"] = policy.load(self.name, self.checkpoint.folder / "adapter")
            requests = [
                TrialRequest(
                    task=self._allowed(attempt.task),
                    agent=policy.agent(self.name if self.checkpoint is not None else BASE, told_of),
                    attempt=attempt.number,
                    seed=attempt.seed,
                    isolation=recipe.evaluation.isolation,
                    skills=self.skills.folder if self.skills is not None else None,
                )
                for attempt in attempts
            ]
            told = redacted if isinstance(self.suite[0], OpaqueSuite) else _whole
            ran = self.context.trials(
                requests, recipe.evaluation.concurrency, self.tick, lambda trial: log.append(told(trial))
            )
            if self.skills is not None:
                attested["skills_opened"] = sum(bool(opened_skills(trial.trajectory, told_of)) for trial in ran)
            return [told(trial) for trial in ran], attested

    def _allowed(self, task: TaskPackage) -> TaskPackage:
        """Return a task as it is tried: on the track skills without network, so that no skill tells of the suite.

        The agent without skills has none either: both sides meet the same task.
        """
        if isinstance(self.context.recipe, ReferenceAgent):
            return replace(task, limits=replace(task.limits, network="no-network", allowed_hosts=()))
        return task

    def _of_shards(self) -> dict[TrialKey, Trial]:
        """Return the trials of the shards that are done, of this very evaluation."""
        found: dict[TrialKey, Trial] = {}
        for folder in sorted(self.context.out.glob(f"evaluation-{self.name}-*-of-*")):
            index, _, count = folder.name.removeprefix(f"evaluation-{self.name}-").partition("-of-")
            shard = Shard.parse(f"{index}/{count}")
            if finished(folder, self._inputs(shard)) is not None:
                found |= _settled(read_trials(folder / TRIALS), math.inf)
        return found

    def _folder(self, shard: Shard | None) -> Path:
        part = f"-{shard.index}-of-{shard.count}" if shard else ""
        return self.context.out / f"evaluation-{self.name}{part}"

    def _inputs(self, shard: Shard | None) -> dict[str, str]:
        inputs = {
            "recipe": self.context.recipe_digest,
            "seed": str(self.seed),
            "checkpoint": self.subject.checkpoint,
            "base": self.base.digest,
            "suite": self.suite[0].digest,
        }
        return inputs | ({"shard": str(shard)} if shard else {})


def _whole(trial: Trial) -> Trial:
    return trial


def _settled(trials: Sequence[Trial], bearable: float) -> dict[TrialKey, Trial]:
    """Return the trials that are not run again, by what tells them apart.

    One that was lost with all its retries stays lost, however often the evaluation starts. Where more of them than
    ``bearable`` were lost, the machine was out of order and the evaluation failed: they are run again.
    """
    spent = [trial for trial in trials if trial.lost and len(trial.retries) == MAX_RETRIES]
    kept = [trial for trial in trials if not trial.lost] + (spent if len(spent) <= bearable else [])
    return {(trial.task_digest, trial.attempt): trial for trial in kept}
