"""Call an answer's function and write what it returns as literals. Runs in a container, with the image's own Python.

    python3 -I run.py TASK OUT

Whatever the answer does to this process, what is written is read as plain literals by a judge outside.
"""

from __future__ import annotations

import ast
import json
import os
import sys


def main(task: str, out: str) -> None:
    """Run the program, make the calls, write one literal or null for each."""
    with open(task, encoding="utf-8") as file:
        asked = json.load(file)
    values: list[str | None] = []
    space: dict[str, object] = {"__name__": "candidate"}
    exec(compile(asked["program"], "candidate", "exec"), space)  # noqa: S102 (what this container is for)
    for arguments in asked["arguments"]:
        try:
            values.append(repr(space[asked["function"]](*ast.literal_eval(arguments))))  # type: ignore[operator]
        except Exception:  # noqa: BLE001 (the answer's own code)
            values.append(None)
    with open(f"{out}.part", "w", encoding="utf-8") as file:
        json.dump(values, file)
    os.replace(f"{out}.part", out)


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    main(*sys.argv[1:])
