"""Make the items of a benchmark, or judge completions: one request on stdin, one answer on stdout, then the end.

    python -m posttrain_arena.adapters.benchmarks.worker PACKAGES < request.json

PACKAGES is the folder of the benchmarks' own packages. What they print goes to stderr.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from posttrain_arena.adapters.benchmarks.judge_endpoint import asking
from posttrain_arena.adapters.benchmarks.registry import find
from posttrain_arena.core.benchmarks.contract import Lost
from posttrain_arena.errors import ArenaError
from posttrain_arena.model import documents
from posttrain_arena.model.benchmark import Item, ModelJudge

MEMORY_BYTES = 8 << 30


def answer(request: dict[str, Any]) -> object:
    """Return what a request asks for."""
    benchmark = find(request["benchmark"])
    if request["do"] == "items":
        data = Path(request["data"]) if request["data"] else None
        return [documents.to_document(item) for item in benchmark.items(request["split"], request["seed"], data)]
    items = [documents.from_document(Item, item, where="the request") for item in request["items"]]
    judge = benchmark.judge
    if benchmark.by_model is not None and request["model"]:
        judge = benchmark.by_model(asking(ModelJudge(**request["model"])))
    return [one.why if isinstance(one, Lost) else one for one in judge(items, request["completions"])]


def main() -> None:
    """Serve one request."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path.append(sys.argv[1])  # behind the arena's own: a package of both is the arena's
    try:
        json.dump(answer(json.load(sys.stdin)), out)
    except ArenaError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
    out.close()


if __name__ == "__main__":
    main()
