"""Ask the model that judges, behind an OpenAI-compatible endpoint: many prompts at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from posttrain_arena.adapters.model_server.endpoint import Endpoint, RefusedRequestError
from posttrain_arena.core.benchmarks.contract import Ask
from posttrain_arena.errors import ModelServerError
from posttrain_arena.model.benchmark import ModelJudge

PARALLEL = 32
TIMEOUT_SEC = 300
WAITS_SEC = (1, 2, 4, 8, 16, 32)
"""Before each further try: providers count requests by the minute, and one refusal must not cost an evaluation."""

CALL_SEC = 30
"""What a call may take on the average, tries included; 4,900 items with ten criteria each have half a day."""


def asking(judge: ModelJudge) -> Ask:
    """Return what asks the model, at temperature 0; it raises ModelServerError where a prompt is not answered."""
    key = os.environ[judge.variable] if judge.variable else ""
    endpoint = Endpoint(judge.url, timeout_sec=TIMEOUT_SEC, key=key)

    def ask(prompts: Sequence[str]) -> list[str]:
        with ThreadPoolExecutor(PARALLEL) as pool:
            return list(pool.map(lambda prompt: _persistent(endpoint, judge.model, prompt), prompts))

    return ask


def limit_sec(calls: int) -> float:
    """Return how long so many calls may take."""
    return calls * CALL_SEC / PARALLEL


def _persistent(endpoint: Endpoint, model: str, prompt: str) -> str:
    for wait in WAITS_SEC:
        try:
            return _asked(endpoint, model, prompt)
        except RefusedRequestError:
            raise
        except ModelServerError as error:
            if error.reason == "model-key":
                raise
            time.sleep(wait)
    return _asked(endpoint, model, prompt)


def _asked(endpoint: Endpoint, model: str, prompt: str) -> str:
    body = {"model": model, "temperature": 0, "messages": [{"role": "user", "content": prompt}]}
    return endpoint.reply(body)
