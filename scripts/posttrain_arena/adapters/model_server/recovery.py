"""Ask a model server that may die or hang: its process is then started again, and what was asked is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from posttrain_arena.adapters.model_server.endpoint import Endpoint
from posttrain_arena.adapters.model_server.process import ModelProcess
from posttrain_arena.errors import ModelServerError

RESTARTED = "model-restarted"
"""Reason of the failure of what was asked of a server that was started again: it may be asked once more."""

T = TypeVar("T")


class Recovery:
    """Asks the server behind ``endpoint``; ``restore`` gives it back what it knew when ``process`` was started again.

    Without a process it only asks. Safe to use from many threads.
    """

    def __init__(self, endpoint: Endpoint, process: ModelProcess | None, restore: Callable[[], None]) -> None:
        self._endpoint = endpoint
        self._process = process
        self._restore = restore
        self._answered = 0.0

    def ask(self, request: Callable[[], T]) -> T:
        """Return the answer; raises ModelServerError, with the reason RESTARTED where the server was started again."""
        starts = self._process.starts if self._process else 0
        try:
            answer = request()
        except ModelServerError as error:
            if self._process is None or not self._revived(self._process, starts, error.reason):
                raise
            what = f"the model server died or hung and was started again: {error}"
            raise ModelServerError(what, reason=RESTARTED) from error
        self._answered = time.monotonic()
        return answer

    def _revived(self, process: ModelProcess, starts: int, reason: str) -> bool:
        failed = time.monotonic()

        def lost() -> bool:
            if reason in ("model-unreachable", "model-status"):
                return process.gone()
            if reason == "model-timeout":  # it speaks: perhaps it is only slow
                return not self._computes(since=failed)
            return reason == "model-silent"

        return process.revived(starts, self._restore, lost)

    def _computes(self, *, since: float) -> bool:
        """Say whether the server gives one token, or gave anyone an answer since then."""
        if self._answered < since:
            limit = self._endpoint.silent_sec
            try:
                model = next(iter(self._endpoint.models(timeout_sec=limit)), "")
                body = {"model": model, "prompt": [0], "max_tokens": 1, "stop_token_ids": []}
                self._endpoint.send("/v1/completions", body, timeout_sec=limit)
            except ModelServerError:
                return self._answered >= since
            self._answered = time.monotonic()
        return True
