"""What the record of a trial on a sealed task may say: how it went, and nothing of what it was about."""

from __future__ import annotations

from dataclasses import replace

from posttrain_arena.model.trial import Trial, Turn, Usage


def redacted(trial: Trial) -> Trial:
    """Return a trial's record without prompts, answers, logs, hosts, image and use of the machine.

    Left are its opaque name, the reward, how it ended, its times, and per turn its role, seconds and sampled tokens.
    """
    return Trial(
        task=trial.task,
        task_digest=trial.task_digest,
        agent=trial.agent,
        attempt=trial.attempt,
        seed=trial.seed,
        isolation=trial.isolation,
        image=None,
        reward=trial.reward,
        passed=trial.passed,
        exit_reason=trial.exit_reason,
        failure=replace(trial.failure, detail="") if trial.failure else None,
        timings=trial.timings,
        trajectory=tuple(_counted(turn) for turn in trial.trajectory),
        agent_usage=Usage(),
        verifier_usage=Usage(),
    )


def _counted(turn: Turn) -> Turn:
    tokens = turn.completion_tokens if turn.logprobs is None else len(turn.logprobs)
    return Turn(
        role=turn.role,
        content="",
        duration_sec=turn.duration_sec,
        context=turn.context,
        finish_reason=turn.finish_reason,
        completion_tokens=tokens,
    )
