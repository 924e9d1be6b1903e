"""Find the processes that a test's model server is made of."""

from __future__ import annotations

from pathlib import Path

from tiny_policy import Served


def processes(word: str) -> dict[int, str]:
    """Return the living processes that have ``word`` in their environment or arguments, with their arguments."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if word.encode() in told and state != "Z":
            found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return found


def servers(served: Served) -> dict[int, str]:
    """Return the processes of the server without its keeper."""
    port = served.process.url.rpartition(":")[2]
    marked = processes(f"--port\0{port}")
    return {number: line for number, line in marked.items() if "keeper.py" not in line}
