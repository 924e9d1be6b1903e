"""Probes: agents that cheat honestly, each in one way that has been seen. A sound package pays none of them."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from posttrain_arena.core.trial.agents import AgentRun
from posttrain_arena.core.trial.sandbox import Sandbox
from posttrain_arena.model.places import VERIFIER_DIR, WORKSPACE
from posttrain_arena.model.shown import shown
from posttrain_arena.model.task import TaskPackage

CHEATS = Path(__file__).parent / "cheats"
"""One bash script for each cheat; its second line says what it hopes for."""

PROBE_SEC = 20.0
"""What a cheat may take; each of them writes a few files."""

MAX_OUTPUTS = 50
"""Of the files that an oracle writes, those that a probe puts something else in place of."""

_WRONG_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A file that the oracle left in the workspace: its path there, relative, and its first bytes."""

    path: str
    size: int
    head: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Runs the script ``cheat`` with ``arguments`` in the agent's container, under its own name.

    ``told`` says what a variant does; without it the script's second line says that.
    """

    cheat: str
    variant: str = ""
    arguments: tuple[str, ...] = ()
    told: str = ""
    timeout_sec: float = PROBE_SEC

    @property
    def name(self) -> str:
        """The agent's name in the record."""
        return f"probe:{self.variant or self.cheat}"

    @property
    def about(self) -> str:
        """What the cheat does, in a sentence to the author of the task."""
        return self.told or _script(self.cheat).split("\n")[1].removeprefix("# ")

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        """Cheat; what the script says or how it ends is no failure."""
        script = f"set -- {shlex.join(self.arguments)}\n{_script(self.cheat)}"
        result = sandbox.run(script, timeout_sec=min(self.timeout_sec, task.limits.agent_timeout_sec))
        return AgentRun(exit_reason="timeout" if result.timed_out else "completed", log=result.output)


@functools.cache
def _script(cheat: str) -> str:
    return (CHEATS / f"{cheat}.sh").read_text(encoding="utf-8")


TAMPERING: tuple[Probe, ...] = (
    Probe(cheat="reward-forged"),
    Probe(cheat="reward-daemon"),
    Probe(cheat="conftest"),
    Probe(cheat="all-skipped"),
    Probe(cheat="pytest-options"),
    Probe(cheat="sitecustomize"),
    Probe(cheat="path-file"),
    Probe(cheat="modules-shadowed"),
    Probe(cheat="programs-replaced"),
)
"""Cheats that know nothing of the task."""

EXHAUSTION: tuple[Probe, ...] = (
    Probe(cheat="fork-bomb", timeout_sec=3),
    Probe(cheat="disk-filler", timeout_sec=5),
    Probe(cheat="endless-output", timeout_sec=4),
    Probe(cheat="endless-sleep", timeout_sec=0.3),
)
"""Cheats that hope for a machine that gives way."""


def output_probes(outputs: Sequence[Output], verifier_files: Sequence[str]) -> Iterator[Probe]:
    """Yield the cheats that know which files the task asks for, and which lie in ``verifier/``."""
    wanted = outputs[:MAX_OUTPUTS]
    if not wanted:
        return
    wrong = [(output, b"x" * max(1, min(output.size, _WRONG_BYTES))) for output in wanted]
    hollow = [(output, _hollow(output)) for output in wanted]
    yield _replaced("outputs-empty", "is there and empty", [(output, b"") for output in wanted])
    yield _replaced("outputs-wrong", "is as long as the oracle's, and every byte of it is an x", wrong)
    yield _replaced(
        "outputs-hollow", f"holds {shown(hollow[0][1].decode('utf-8', 'replace').strip())} and no more", hollow
    )
    if verifier_files:
        targets = [(output, f"{VERIFIER_DIR}/{_likeliest(output.path, verifier_files)}") for output in wanted]
        pairs = (word for output, target in targets for word in (f"{WORKSPACE}/{output.path}", target))
        told = _told(wanted, f"is a link to {shown(targets[0][1])}, a file of the verifier's own")
        yield Probe(cheat="outputs-linked", arguments=tuple(pairs), told=told)


def _replaced(variant: str, what: str, contents: Sequence[tuple[Output, bytes]]) -> Probe:
    pairs = (word for output, data in contents for word in (f"{WORKSPACE}/{output.path}", _escaped(data)))
    told = _told([output for output, _ in contents], what)
    return Probe(cheat="outputs-replaced", variant=variant, arguments=tuple(pairs), told=told)


def _told(outputs: Sequence[Output], what: str) -> str:
    """Say what became of the first output; the others fare alike."""
    more = len(outputs) - 1
    others = f", and {more} other output{'s' if more > 1 else ''} likewise" if more else ""
    return f"{WORKSPACE}/{shown(outputs[0].path)} {what}{others}."


def _escaped(data: bytes) -> str:
    return "".join(f"\\0{byte:03o}" for byte in data)


def _hollow(output: Output) -> bytes:
    """Return the least content of an output's form: an empty list or table, a header line, a zero."""
    head = output.head.lstrip()
    if head[:1] == b"{":
        return b"{}\n"
    if head[:1] == b"[":
        return b"[]\n"
    if PurePosixPath(output.path).suffix.lower() in (".csv", ".tsv"):
        return output.head.split(b"\n", 1)[0] + b"\n"
    return b"0\n"


def _likeliest(path: str, files: Sequence[str]) -> str:
    """Return the file of the verifier that an output is most likely compared with."""
    telling = ("expected", "answer", "solution", "golden", "truth", "reference")
    mine = PurePosixPath(path)

    def unlikeliness(file: str) -> tuple[bool, bool, bool, str]:
        other = PurePosixPath(file)
        told = any(word in file.lower() for word in telling)
        return other.name != mine.name, not told, other.suffix != mine.suffix, file

    return min(files, key=unlikeliness)
