"""Every benchmark by name."""

from __future__ import annotations

import difflib

from posttrain_arena.adapters.benchmarks import function_calls, human_eval, procedural, published
from posttrain_arena.core.benchmarks.contract import Benchmark
from posttrain_arena.errors import UsageError

_ALL = (*procedural.BENCHMARKS, *human_eval.BENCHMARKS, *function_calls.BENCHMARKS, *published.BENCHMARKS)
BENCHMARKS: dict[str, Benchmark] = {benchmark.card.name: benchmark for benchmark in _ALL}


def find(name: str) -> Benchmark:
    """Return the benchmark of a name; raises UsageError with what there is."""
    if name not in BENCHMARKS:
        close = difflib.get_close_matches(name, BENCHMARKS, n=1)
        meant = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(BENCHMARKS)}"
        raise UsageError(f"no benchmark {name!r}: {meant}")
    return BENCHMARKS[name]
