"""Run a program until standard input closes, then end it with everything that it started.

    python keeper.py PROGRAM [ARGUMENT ...]

Whoever starts it holds the other end of standard input, which closes however that process ends, also by SIGKILL. The
program itself could not do this: vLLM's engine and workers outlive their server where the server is killed.
Ends with the program's exit code, or 128 and the number of the signal that ended it. Imports nothing of the project.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

GRACE_SEC = 10
"""How long a program that is told to end, and then what it started, may take; a loaded machine needs a part of it."""

ORPHANS_SEC = 1
"""How long what it started may live on where it died by itself: whoever waits for its end starts it again."""


def keep(argv: list[str]) -> int:
    """Run the program; return its exit code as a shell has it."""
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, start_new_session=True)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # of a terminal: standard input alone says when to end
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: _tell(child, told))
    threading.Thread(target=_end_with_input, args=(child, told), daemon=True).start()
    code = child.wait()
    _end_group(child, within_sec=GRACE_SEC if told.is_set() else ORPHANS_SEC)
    return code if code >= 0 else 128 - code


def _tell(child: subprocess.Popen[bytes], told: threading.Event) -> None:
    told.set()
    child.terminate()


def _end_with_input(child: subprocess.Popen[bytes], told: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    _tell(child, told)
    try:
        child.wait(timeout=GRACE_SEC)
    except subprocess.TimeoutExpired:
        _kill_group(child)


def _end_group(child: subprocess.Popen[bytes], *, within_sec: float) -> None:
    """End what the program left behind, once it had the time to tidy up: shared memory would stay for ever."""
    ends = time.monotonic() + within_sec
    try:
        while time.monotonic() < ends:
            os.killpg(child.pid, 0)
            time.sleep(0.05)
    except ProcessLookupError:
        return
    _kill_group(child)


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(keep(sys.argv[1:]))
