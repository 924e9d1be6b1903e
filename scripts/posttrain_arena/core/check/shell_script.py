"""Read the commands of a shell script, line by line."""

from __future__ import annotations

from collections.abc import Iterator


def commands(script: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are neither empty nor a comment, each with its number."""
    for number, line in enumerate(script.split("\n"), 1):
        command = line.strip()
        if command and not command.startswith("#"):
            yield number, command
