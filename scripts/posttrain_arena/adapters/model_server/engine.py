"""Serve one base model with LoRA adapters that can be swapped while it runs."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer

from posttrain_arena.adapters.model_server.generation import Completion, Prompt, sample, score
from posttrain_arena.errors import UsageError

_GATHER_SEC = 0.004
"""How long a first request waits for company: far below one generation, long enough for a wave of rollouts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many completions are computed at once, and how many adapters are held."""

    sequences: int
    adapters: int


@dataclass(frozen=True, slots=True)
class _Request:
    adapter: str | None
    prompt: Prompt
    done: Future[Completion]


class ModelEngine:
    """Batches the requests of many threads through one model on one worker thread."""

    def __init__(self, folder: Path, *, base_name: str, dtype: torch.dtype, room: Room) -> None:
        self.base_name = base_name
        self._room = room
        self._model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()
        self._pad_id = int(AutoTokenizer.from_pretrained(folder).pad_token_id)
        self._adapters: set[str] = set()
        self._queue: queue.Queue[_Request] = queue.Queue()
        self._model_lock = threading.Lock()
        threading.Thread(target=self._work, name="generation", daemon=True).start()

    @property
    def context(self) -> int:
        """The most tokens that the model takes."""
        return int(self._model.config.max_position_embeddings)

    @property
    def models(self) -> list[str]:
        """The names that requests may ask for."""
        return [self.base_name, *sorted(self._adapters)]

    def load_adapter(self, name: str, folder: Path) -> None:
        """Load a LoRA adapter under a name that nothing has yet; waits for the running batch."""
        if name in self.models:
            raise UsageError(f"{name!r} is served already: give the adapter another name, or unload that one")
        if len(self._adapters) >= self._room.adapters:
            raise UsageError(f"there is room for {self._room.adapters} adapters, and all are in use: unload one")
        with self._model_lock:
            try:
                if self._adapters:
                    self._model.load_adapter(folder, adapter_name=name)
                else:
                    self._model = PeftModel.from_pretrained(self._model, folder, adapter_name=name).eval()
            except SafetensorError as error:
                raise UsageError(f"{folder}: no whole adapter: {error}") from error
            self._adapters.add(name)

    def unload_adapter(self, name: str) -> None:
        """Forget an adapter."""
        if name not in self._adapters:
            raise UsageError(f"no adapter {name!r} here: there are {', '.join(sorted(self._adapters)) or 'none'}")
        with self._model_lock:
            self._adapters.remove(name)
            if self._adapters:
                self._model.delete_adapter(name)
            else:
                self._model = self._model.unload()

    def score(self, model: str, ids: Sequence[int]) -> list[float]:
        """Return the log-probability of every token but the first; waits for the running batch."""
        self._require(model)
        with self._model_lock, self._acting(None if model == self.base_name else model) as acting:
            return score(acting, ids)

    def submit(self, model: str, prompt: Prompt) -> Future[Completion]:
        """Queue one completion."""
        self._require(model)
        done: Future[Completion] = Future()
        self._queue.put(_Request(None if model == self.base_name else model, prompt, done))
        return done

    def _require(self, model: str) -> None:
        if model not in self.models:
            raise UsageError(f"no model {model!r} here: there are {', '.join(self.models)}")

    def _work(self) -> None:
        torch.set_num_threads(1)
        while True:
            batch = self._gather()
            for adapter in dict.fromkeys(request.adapter for request in batch):
                self._complete(adapter, [request for request in batch if request.adapter == adapter])

    def _gather(self) -> list[_Request]:
        batch = [self._queue.get()]
        while len(batch) < self._room.sequences:
            try:
                batch.append(self._queue.get(timeout=_GATHER_SEC))
            except queue.Empty:
                break
        return batch

    def _complete(self, adapter: str | None, requests: list[_Request]) -> None:
        prompts = [request.prompt for request in requests]
        with self._model_lock:
            try:
                with self._acting(adapter) as model:
                    completions = sample(model, prompts, pad_id=self._pad_id)
            except (RuntimeError, ValueError) as error:  # handed to the callers: the server goes on
                for request in requests:
                    request.done.set_exception(error)
                return
        for request, completion in zip(requests, completions, strict=True):
            request.done.set_result(completion)

    @contextmanager
    def _acting(self, adapter: str | None) -> Iterator[Any]:
        """Give the model with an adapter on it, or without any."""
        if adapter is not None:
            self._model.set_adapter(adapter)
            yield self._model
        elif self._adapters:
            with self._model.disable_adapter():
                yield self._model
        else:
            yield self._model
