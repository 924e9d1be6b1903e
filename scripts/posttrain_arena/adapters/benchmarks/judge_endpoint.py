"""Ask the model that judges, behind an OpenAI-compatible endpoint: many prompts at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from posttrain_arena.adapters.model_server.endpoint import Endpoint
from posttrain_arena.core.benchmarks.contract import Ask, Lost
from posttrain_arena.core.benchmarks.results import MAX_LOST_SHARE
from posttrain_arena.errors import ModelServerError, UsageError
from posttrain_arena.model.benchmark import ModelJudge

PARALLEL = 32
TIMEOUT_SEC = 300
WAITS_SEC = (1, 2, 4, 8, 16, 32)
"""Before each further try: providers count requests by the minute, and one refusal must not cost an evaluation."""

CALL_SEC = 30
"""What a call may take on the average, tries included; 4,900 items with ten criteria each have half a day."""

REFUSALS = frozenset({400, 403, 413, 422})
"""Statuses of a prompt that is not taken: a provider's filter, a limit of length. Others are taken all the same."""

OURS = frozenset({401, 404})
"""Statuses of a wrong key, or of a name or an address where no model is: no prompt would be taken."""


def asking(judge: ModelJudge) -> Ask:
    """Return what asks the model, at temperature 0.

    It raises UsageError where the model that judges is not there: no other machine would find it.
    """
    key = os.environ[judge.variable] if judge.variable else ""
    endpoint = Endpoint(judge.url, timeout_sec=TIMEOUT_SEC, key=key)

    def ask(prompts: Sequence[str]) -> list[str | Lost]:
        missed: list[str] = []
        bearable = max(PARALLEL, MAX_LOST_SHARE * len(prompts))
        gone = Event()

        def said(prompt: str) -> str | Lost:
            if not gone.is_set():
                try:
                    return _persistent(endpoint, judge.model, prompt)
                except ModelServerError as error:
                    if error.status in REFUSALS:
                        return Lost("judge-refused")
                    missed.append(str(error))
                    if error.status not in OURS and len(missed) <= bearable:
                        return Lost("judge-no-answer")
                    gone.set()
            raise UsageError(f"the model that judges, {judge.model} at {judge.url}: {missed[-1]}")

        with ThreadPoolExecutor(PARALLEL) as pool:
            return list(pool.map(said, prompts))

    return ask


def limit_sec(calls: int) -> float:
    """Return how long so many calls may take."""
    return calls * CALL_SEC / PARALLEL


def _persistent(endpoint: Endpoint, model: str, prompt: str) -> str:
    """Ask until there is an answer, or none is to be had; a model that took too long would take as long again."""
    body = {"model": model, "temperature": 0, "messages": [{"role": "user", "content": prompt}]}
    for wait in WAITS_SEC:
        try:
            return endpoint.reply(body)
        except ModelServerError as error:
            if error.status in REFUSALS | OURS or error.reason == "model-timeout":
                raise
            time.sleep(wait)
    return endpoint.reply(body)
