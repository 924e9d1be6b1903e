"""Ask an OpenAI-compatible server, with each of its faults as a ModelServerError that names it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeVar

import httpx
import msgspec

from posttrain_arena.errors import ModelServerError

MAX_ANSWER_BYTES = 64 * 10**6
"""Above what a hundred thousand tokens with ids and log-probabilities take; a server that sends more is broken."""

SILENT_SEC = 60
"""How long a server may take to say which models it has: one that works says so in a second, also on a busy machine."""

T = TypeVar("T")


class _ModelCard(msgspec.Struct):
    id: str
    max_model_len: int | None = None


class _ModelList(msgspec.Struct):
    data: list[_ModelCard]


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Reply(msgspec.Struct):
    choices: list[_Choice]


class RefusedRequestError(ModelServerError):
    """The server does not take this request (status 400 or 422): perhaps without its optional parts."""


class Endpoint:
    """One server. Safe to use from many threads; its address may end with ``/v1`` or not.

    One that does not answer at all within ``silent_sec`` hangs, and is not just slow.
    """

    def __init__(self, url: str, *, timeout_sec: float = 600, key: str = "", silent_sec: float = SILENT_SEC) -> None:
        limits = httpx.Limits(max_connections=256, max_keepalive_connections=256)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        base = url.rstrip("/").removesuffix("/v1")
        self.silent_sec = silent_sec
        self._timeout_sec = timeout_sec
        self._http = httpx.Client(base_url=base, timeout=timeout_sec, limits=limits, headers=headers)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def context_of(self, model: str) -> int | None:
        """Return the most tokens that the model takes, None where the server does not tell."""
        try:
            return self.models().get(model)
        except ModelServerError as error:
            if error.reason in ("model-key", "model-status", "model-answer"):  # it is there and shows no such list
                return None
            raise

    def models(self, *, timeout_sec: float | None = None) -> dict[str, int | None]:
        """Return the names of the server's models with the most tokens that each takes, None where it does not tell."""
        cards = self.ask("/v1/models", None, _ModelList, timeout_sec=timeout_sec).data
        return {card.id: card.max_model_len for card in cards}

    def ask(self, path: str, body: Mapping[str, Any] | None, shape: type[T], *, timeout_sec: float | None = None) -> T:
        """Return the answer to ``send`` as a value of ``shape``; raises also where it is none (``model-answer``)."""
        data = self.send(path, body, timeout_sec=timeout_sec)
        try:
            return msgspec.json.decode(data, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            detail = f"{path}: {error}: {data[:300].decode(errors='replace')}"
            raise ModelServerError(detail, reason="model-answer") from error

    def reply(self, body: Mapping[str, Any]) -> str:
        """Return the text of a chat completion, empty where there is none; raises ModelServerError as ``send`` does."""
        choices = self.ask("/v1/chat/completions", body, _Reply).choices
        return (choices[0].message.content or "") if choices else ""

    def send(self, path: str, body: Mapping[str, Any] | None, *, timeout_sec: float | None = None) -> bytes:
        """Post ``body``, or get where it is None; return the answer of a server that takes it.

        Raises ModelServerError with the reason ``model-unreachable``, ``model-timeout`` (it is slow),
        ``model-silent`` (it hangs), ``model-status``, ``model-key`` (ours to mend) or ``model-answer``. ``timeout_sec``
        bounds the whole exchange where it is shorter than the endpoint's own.
        """
        limit = self._timeout_sec if timeout_sec is None else min(self._timeout_sec, timeout_sec)
        try:
            status, data = self._exchange(path, body, max(limit, 0.001))
        except httpx.TimeoutException as error:
            reason = "model-timeout" if self._speaks() else "model-silent"
            raise ModelServerError(f"{path}: no answer within {limit:g} s", reason=reason) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            detail = f"{path}: {type(error).__name__}: {error}"
            raise ModelServerError(detail, reason="model-unreachable") from error
        if status in (401, 403):
            what = f"{path}: status {status}, the key is refused: {data[:500].decode(errors='replace')}"
            raise ModelServerError(what, reason="model-key", owner="us", status=status)
        if status != 200:
            kind = RefusedRequestError if status in (400, 422) else ModelServerError
            what = f"{path}: status {status}: {data[:500].decode(errors='replace')}"
            raise kind(what, reason="model-status", status=status)
        return data

    def _speaks(self) -> bool:
        """Say whether the server answers what takes it no time, and costs nothing anywhere; the status is the same."""
        try:
            with suppress(ModelServerError):  # an answer beyond all bounds is one
                self._exchange("/v1/models", None, self.silent_sec)
        except httpx.HTTPError:
            return False
        return True

    def _exchange(self, path: str, body: Mapping[str, Any] | None, limit: float) -> tuple[int, bytes]:
        ends = time.monotonic() + limit
        content = None if body is None else json.dumps(body, ensure_ascii=True).encode()
        headers = {"Content-Type": "application/json"} if content else {}
        method = "POST" if content else "GET"
        with self._http.stream(method, path, content=content, headers=headers, timeout=limit) as answer:
            data = bytearray()
            for chunk in answer.iter_bytes():
                data += chunk
                if len(data) > MAX_ANSWER_BYTES:
                    detail = f"{path}: an answer of more than {MAX_ANSWER_BYTES} bytes"
                    raise ModelServerError(detail, reason="model-answer")
                if time.monotonic() > ends:
                    raise httpx.ReadTimeout("the answer goes on and on")
        return answer.status_code, bytes(data)
