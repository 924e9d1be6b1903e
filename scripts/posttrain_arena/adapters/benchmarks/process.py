"""Ask benchmarks in a process of their own: bounded, with an empty environment, without the arena's secrets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from posttrain_arena.adapters.benchmarks.judge_endpoint import limit_sec
from posttrain_arena.adapters.benchmarks.registry import find
from posttrain_arena.adapters.benchmarks.sources import Sources
from posttrain_arena.core.benchmarks.contract import Lost, Split, split_seed
from posttrain_arena.core.benchmarks.model_judges import questions
from posttrain_arena.errors import ArenaError, UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.benchmark import Item

PACKAGES = documents.REPOSITORY_ROOT / ".arena" / "benchmarks"
"""Where scripts/setup/benchmarks.sh puts the benchmarks' packages: beside the environment that agents may read."""

TIMEOUT_SEC = 1800
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "DOCKER_HOST", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY")


def items_of(name: str, split: Split, secret: bytes | None = None, sources: Sources | None = None) -> tuple[Item, ...]:
    """Return the items of a benchmark's split, sorted by id; the hidden one needs its secret."""
    seed = split_seed(find(name).card, split, secret)
    file = (sources or Sources()).file_of(name)
    return _made(name, split, seed) if file is None else _read(name, split, seed, file)


def _read(name: str, split: Split, seed: int, file: Path | None = None) -> tuple[Item, ...]:
    answer = _ask(name, {"do": "items", "split": split, "seed": seed, "data": str(file or "")})
    items = [documents.from_document(Item, item, where=f"{name}, {split} split") for item in answer]
    return tuple(sorted(items, key=lambda item: item.id))


@lru_cache(maxsize=16)
def _made(name: str, split: Split, seed: int) -> tuple[Item, ...]:
    """Read what a program makes, or its package holds, once: of many runs of a benchmark all are audited by it."""
    return _read(name, split, seed)


def judged(
    name: str, items: Sequence[Item], completions: Sequence[str], sources: Sources | None = None
) -> tuple[float | Lost, ...]:
    """Return the score of each completion; raises ArenaError where the judge breaks, which is nobody's zero.

    That is a UsageError where another machine would not mend it.
    """
    if len(items) != len(completions):
        raise ValueError("one completion for each item")
    if not items:
        return ()
    model = (sources or Sources()).judge_of(name)
    said: dict[str, Any] = {"items": [documents.to_document(item) for item in items], "completions": list(completions)}
    judge = None if model is None else {"url": model.url, "model": model.model, "variable": model.variable}
    kept = (model.variable,) if model is not None and model.variable else ()
    more = 0.0 if model is None else limit_sec(sum(map(questions, items)))
    found = _ask(name, {"do": "judge", **said, "model": judge}, kept, TIMEOUT_SEC + more)
    scores = tuple(Lost(one) if isinstance(one, str) else one for one in found)
    if len(scores) != len(items) or not all(isinstance(one, Lost) or _is_score(one) for one in scores):
        raise ArenaError(f"the judge of {name} gave no score for each completion")
    return scores


def _is_score(value: object) -> bool:
    return isinstance(value, float) and 0.0 <= value <= 1.0


def _ask(name: str, request: Mapping[str, Any], secrets: Sequence[str] = (), timeout_sec: float = TIMEOUT_SEC) -> Any:
    if not PACKAGES.is_dir():
        raise UsageError("the packages of the benchmarks are missing: run scripts/setup/benchmarks.sh")
    argv = [sys.executable, "-m", "posttrain_arena.adapters.benchmarks.worker", str(PACKAGES)]
    body = json.dumps({"benchmark": name, **request})
    environment = {key: os.environ[key] for key in (*_KEPT, *secrets) if key in os.environ}
    try:
        done = subprocess.run(argv, input=body, capture_output=True, text=True, timeout=timeout_sec, env=environment)
    except subprocess.TimeoutExpired as error:
        kind = UsageError if request.get("model") else ArenaError  # a provider is as slow for another machine
        raise kind(f"{name}: {request['do']} took more than {timeout_sec:.0f} s") from error
    if done.returncode != 0:
        kind = UsageError if done.returncode == UsageError.exit_code else ArenaError
        raise kind(f"{name}: {request['do']} failed: {done.stderr.strip()[-1500:]}")
    return json.loads(done.stdout)
