"""Compare what the leaderboard says with what its raw rewards give."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from posttrain_arena.core.leaderboard.runs import run_id, scored_evaluation, standing
from posttrain_arena.errors import UsageError
from posttrain_arena.model.documents import said_digest, to_document
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.leaderboard_run import LeaderboardRun, StageRate
from posttrain_arena.model.score import Score

TOLERANCE = 1e-9
"""Two builds of SciPy may differ in the last digit of a quantile; a change of a reward is far larger."""

Scorer = Callable[[Evaluation, Evaluation], Score]
StageRater = Callable[[Sequence[Evaluation]], tuple[StageRate, ...]]


def run_drift(run: LeaderboardRun, *, score: Scorer, stage_rates: StageRater) -> list[str]:
    """Return one line per field of ``run`` that its own raw rewards and digests contradict."""
    try:
        evaluation = scored_evaluation(run)
        recomputed = score(evaluation, run.baseline)
        rates = stage_rates(run.evaluations)
    except UsageError as error:
        return [f"evaluations: {error}"]
    stated, computed = to_document(run), to_document(run)
    status, reason = standing(recomputed, run.reason)
    computed |= {
        "id": run_id(run, recomputed),
        "checkpoint": evaluation.checkpoint,
        "suite": {"name": evaluation.suite, "digest": evaluation.suite_digest},
        "score": to_document(recomputed),
        "stages": [_plain(rate) for rate in rates],
        "status": status,
        "reason": reason,
    }
    faults = [*differences(stated, computed), *_curve_faults(run), *_suite_faults(run)]
    return faults or list(differences({"digest": run.digest}, {"digest": said_digest(run)}))


def differences(stated: Any, computed: Any, at: str = "", *, within: float = TOLERANCE) -> Iterator[str]:
    """Yield ``field: the file says X, its rewards give Y`` for every leaf that differs; numbers may a little."""
    if isinstance(stated, dict) and isinstance(computed, dict):
        for key in sorted(stated.keys() | computed.keys()):
            yield from differences(stated.get(key), computed.get(key), f"{at}/{key}" if at else key, within=within)
    elif isinstance(stated, list) and isinstance(computed, list) and len(stated) == len(computed):
        for index, (left, right) in enumerate(zip(stated, computed, strict=True)):
            yield from differences(left, right, f"{at}/{index}", within=within)
    elif not _same(stated, computed, within):
        yield f"{at}: the file says {_shown(stated)}, recomputing gives {_shown(computed)}"


def _same(stated: Any, computed: Any, within: float) -> bool:
    if isinstance(stated, float) and isinstance(computed, float):
        return math.isclose(stated, computed, rel_tol=within, abs_tol=within)
    return bool(stated == computed)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} items"
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _plain(rate: StageRate) -> dict[str, Any]:
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(rate)
    return plain


def _curve_faults(run: LeaderboardRun) -> Iterator[str]:
    for index, curve in enumerate(run.curves):
        if len(curve.steps) != len(curve.values):
            yield f"curves/{index}: {len(curve.steps)} steps and {len(curve.values)} values: give one value per step"
        if list(curve.steps) != sorted(set(curve.steps)):
            yield f"curves/{index}/steps: steps must ascend and appear once"


def _suite_faults(run: LeaderboardRun) -> Iterator[str]:
    for index, evaluation in enumerate(run.evaluations):
        if evaluation.suite_digest != run.suite.digest:
            yield f"evaluations/{index}/suite_digest: every stage must be evaluated on the run's suite"
