"""Compare the files of installed packages with what their installer recorded (the RECORD file of a wheel)."""

from __future__ import annotations

import base64
import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

from posttrain_arena.core.audit.bounds import BROKEN
from posttrain_arena.core.audit.facts import AgentFile
from posttrain_arena.core.audit.reading import text_of
from posttrain_arena.core.audit.unseen import HARMLESS
from posttrain_arena.model.agent_run import CutFile

_RECORD = re.compile(r"(.*/(?:site|dist)-packages/)[^/]+\.dist-info/RECORD")
_CACHE = re.compile(r"__pycache__/([^/.]+)\.[^/]+\.pyc$")
"""What Python compiles: installers record it without a digest, or not at all."""


class Records:
    """What the RECORD files among an agent's files say, by path."""

    def __init__(self, files: Iterable[AgentFile], cut: Sequence[CutFile] = ()) -> None:
        """Read the records; where the copy of the workspace lacks files, a record may be among them."""
        self._digests = dict(pair for file in files for pair in _recorded(file))
        self._all = all(file.why in HARMLESS for file in cut)

    def differs(self, file: AgentFile) -> str:
        """Return how a file differs from what was installed; empty where it does not, or where that was cut away."""
        path = _CACHE.sub(r"\1.py", file.path)
        recorded = self._digests.get(path)
        if recorded is None:
            return f"{len(file.data)} bytes, in no RECORD" if self._all else ""
        if path != file.path or recorded == _digest(file.data):
            return ""
        return f"{len(file.data)} bytes, not those of its RECORD"

    def has(self, file: AgentFile) -> bool:
        """Say whether a file is one that was installed, as it was installed."""
        return self._digests.get(file.path) == _digest(file.data)


def _recorded(file: AgentFile) -> Iterator[tuple[str, str]]:
    found = _RECORD.fullmatch(file.path)
    if not found:
        return
    try:
        for row in csv.reader((text_of(file.data) or "").splitlines()):
            if len(row) > 1 and row[1].startswith("sha256="):
                yield found.group(1) + row[0], row[1].removeprefix("sha256=")
    except (csv.Error, *BROKEN):
        return


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
