"""Let atheris look for inputs that reach new code.

    .venv/bin/python tests/fuzz/by_coverage.py -runs=100000 .arena/fuzz/corpus

The first byte of an input chooses the file, the others are what it holds. Takes libFuzzer's options; prints how many
inputs were tried and exits 0 where none broke the property.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["posttrain_arena"]):
    from arena_input import FILES, Arena, seeds


def main() -> None:
    """Write the seeds into the corpus folder, the last argument, and fuzz."""
    corpus = Path(sys.argv[-1])
    corpus.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(FILES):
        for index, data in enumerate(seeds(name)):
            (corpus / f"seed-{number:02d}-{index:03d}").write_bytes(bytes([number]) + data)
    arena = Arena()

    def try_one(data: bytes) -> None:
        if data:
            arena.try_input(FILES[data[0] % len(FILES)], data[1:])

    atheris.Setup([sys.argv[0], "-max_len=20000", "-timeout=20", "-rss_limit_mb=1000", *sys.argv[1:]], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
