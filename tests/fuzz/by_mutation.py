"""Try inputs that are near what people write, in as many processes as there are cores.

    .venv/bin/python tests/fuzz/by_mutation.py --inputs 100000 --seed 0

Prints how many inputs were tried; at the first that breaks the property, writes it to .arena/fuzz/ and exits 1.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from arena_input import FILES, Arena, mutated, seeds

from posttrain_arena.model import documents

FOUND = documents.REPOSITORY_ROOT / ".arena" / "fuzz"
SLOW_SEC = 5.0
"""Thousands of times what a package takes: no input may make the check wait."""


def try_share(share: tuple[int, int]) -> int:
    """Try a number of inputs and return it; an input that breaks the property is kept and its exception raised."""
    count, seed = share
    draw, arena = random.Random(seed), Arena()
    known = {name: seeds(name) for name in FILES}
    try:
        for number in range(count):
            name = draw.choice(FILES)
            data = mutated(draw, draw.choice(known[name]), draw.choice(known[draw.choice(FILES)]))
            _try(arena, name, data, FOUND / f"{seed}-{number}-{name.replace('/', '.')}")
    finally:
        arena.close()
    return count


def _try(arena: Arena, name: str, data: bytes, path: Path) -> None:
    started = time.monotonic()
    try:
        arena.try_input(name, data)
        if time.monotonic() - started > SLOW_SEC:
            raise TimeoutError(f"the check of {name} took more than {SLOW_SEC} s")
    except BaseException:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        print(f"fuzz: this broke the check: {path}", file=sys.stderr)
        raise


def main() -> int:
    """Share the inputs out and add up; the last line is the count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    cores = os.cpu_count() or 1
    shares = [(arguments.inputs // cores + 1, arguments.seed * cores + core) for core in range(cores)]
    with ProcessPoolExecutor(cores) as pool:
        tried = sum(pool.map(try_share, shares))
    print(f"fuzz: {tried} inputs by mutation, each told in findings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
