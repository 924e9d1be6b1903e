"""Serve one base model with LoRA adapters that can be swapped while it runs."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from posttrain_arena.adapters.model_server.generation import Completion, Prompt, sample
from posttrain_arena.errors import UsageError

MAX_BATCH = 64
_GATHER_SEC = 0.004
"""How long a first request waits for company: far below one generation, long enough for a wave of rollouts."""


@dataclass(frozen=True, slots=True)
class _Request:
    adapter: str | None
    prompt: Prompt
    done: Future[Completion]


class ModelEngine:
    """Batches the requests of many threads through one model on one worker thread."""

    def __init__(self, folder: Path, *, base_name: str) -> None:
        self.base_name = base_name
        self._model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
        self._stop_ids = frozenset({int(tokenizer.eos_token_id)})
        self._pad_id = int(tokenizer.pad_token_id)
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
        """Load a LoRA adapter under ``name``, in place of one that has the name; waits for the running batch."""
        if name == self.base_name:
            raise UsageError(f"{name!r} is the base model's name: give the adapter another")
        with self._model_lock:
            if not self._adapters:
                self._model = PeftModel.from_pretrained(self._model, folder, adapter_name=name).eval()
            else:
                if name in self._adapters:
                    self._model.delete_adapter(name)
                self._model.load_adapter(folder, adapter_name=name)
            self._adapters.add(name)

    def submit(self, model: str, prompt: Prompt) -> Future[Completion]:
        """Queue one completion."""
        if model not in self.models:
            raise UsageError(f"no model {model!r} here: there are {', '.join(self.models)}")
        done: Future[Completion] = Future()
        self._queue.put(_Request(None if model == self.base_name else model, prompt, done))
        return done

    def _work(self) -> None:
        torch.set_num_threads(1)
        while True:
            batch = self._gather()
            for adapter in dict.fromkeys(request.adapter for request in batch):
                self._complete(adapter, [request for request in batch if request.adapter == adapter])

    def _gather(self) -> list[_Request]:
        batch = [self._queue.get()]
        while len(batch) < MAX_BATCH:
            try:
                batch.append(self._queue.get(timeout=_GATHER_SEC))
            except queue.Empty:
                break
        return batch

    def _complete(self, adapter: str | None, requests: list[_Request]) -> None:
        prompts = [request.prompt for request in requests]
        with self._model_lock:
            try:
                completions = self._sample(adapter, prompts)
            except (RuntimeError, ValueError) as error:  # handed to the callers: the server goes on
                for request in requests:
                    request.done.set_exception(error)
                return
        for request, completion in zip(requests, completions, strict=True):
            request.done.set_result(completion)

    def _sample(self, adapter: str | None, prompts: list[Prompt]) -> list[Completion]:
        if adapter is not None:
            self._model.set_adapter(adapter)
            return sample(self._model, prompts, stop_ids=self._stop_ids, pad_id=self._pad_id)
        if self._adapters:
            with self._model.disable_adapter():
                return sample(self._model, prompts, stop_ids=self._stop_ids, pad_id=self._pad_id)
        return sample(self._model, prompts, stop_ids=self._stop_ids, pad_id=self._pad_id)
