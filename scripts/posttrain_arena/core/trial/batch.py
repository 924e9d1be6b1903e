"""Run many trials at once, in a steady order, with bounded retries of what was nobody's fault."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from posttrain_arena.core.trial.runner import TrialRequest, run_with_retries
from posttrain_arena.core.trial.sandbox import Engine
from posttrain_arena.model.trial import Trial


def run_trials(
    requests: Sequence[TrialRequest],
    engine: Engine,
    *,
    concurrency: int,
    on_trial: Callable[[Trial], None] = lambda trial: None,
) -> list[Trial]:
    """Return the trials in the order of their requests; ``on_trial`` hears of each as it ends, in a worker thread.

    Where the caller is interrupted nothing is waited for: a trial may be waiting minutes for its model.
    """

    def run(request: TrialRequest) -> Trial:
        trial = run_with_retries(request, engine)
        on_trial(trial)
        return trial

    pool = ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="trial")
    try:
        return list(pool.map(run, requests))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
