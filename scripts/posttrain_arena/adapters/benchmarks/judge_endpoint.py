"""Ask the model that judges, behind an OpenAI-compatible endpoint."""

from __future__ import annotations

import os

import httpx

from posttrain_arena.core.benchmarks.contract import Ask
from posttrain_arena.errors import ModelServerError
from posttrain_arena.model.benchmark import ModelJudge

TIMEOUT_SEC = 300


def asking(judge: ModelJudge) -> Ask:
    """Return what asks the model, at temperature 0."""
    headers = {"Authorization": f"Bearer {os.environ[judge.variable]}"} if judge.variable else {}

    def ask(prompt: str) -> str:
        body = {"model": judge.model, "temperature": 0, "messages": [{"role": "user", "content": prompt}]}
        try:
            answer = httpx.post(f"{judge.url}/chat/completions", json=body, headers=headers, timeout=TIMEOUT_SEC)
            answer.raise_for_status()
            return str(answer.json()["choices"][0]["message"]["content"] or "")
        except (httpx.HTTPError, ValueError, KeyError, IndexError, TypeError) as error:
            raise ModelServerError(f"the model that judges did not answer: {type(error).__name__}") from error

    return ask
