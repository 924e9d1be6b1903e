"""Call the agent's code with nothing but memory and a pipe; no part of the verifier is in this process.

Reads one JSON object from standard input: ``library`` (its name), ``sources`` (module → its text) and ``calls`` (lists of
a function's name and its arguments). Writes the list of outcomes to standard output. Before the first line of the agent's code is read as
Python, the process gives up every system call but a few that it needs to go on computing: from then on it opens no
file (such as the tests), starts no process and reaches no other one, whatever the code tries. This cannot be undone.
"""

import ctypes
import importlib.abc
import importlib.util
import json
import os
import platform
import struct
import sys

LIBRARY = (
    "__future__ collections.abc copy dataclasses decimal enum fractions functools itertools math operator re string typing"
)
"""What the agent's code may import: all of it is imported before nothing more can be."""

ALLOWED = {
    # read write close fstat lseek mmap mprotect munmap brk sigaction sigprocmask sigreturn yield mremap madvise getpid
    # exit gettimeofday sigaltstack gettid futex restart clock_gettime exit_group getrandom
    "x86_64": (
        0xC000003E,
        (0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 28, 39, 60, 96, 131, 186, 202, 219, 228, 231, 318),
    ),
    "aarch64": (
        0xC00000B7,
        (
            63,
            64,
            57,
            80,
            62,
            222,
            226,
            215,
            214,
            134,
            135,
            139,
            124,
            216,
            233,
            172,
            93,
            169,
            132,
            178,
            98,
            128,
            113,
            94,
            278,
        ),
    ),
}
"""Machine → its number in linux/audit.h, and the system calls that stay. Another machine fails here, not open."""

NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER = 38, 22, 2
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
KILL, REFUSE, ALLOW = 0x80000000, 0x00050001, 0x7FFF0000
"""From linux/prctl.h, linux/bpf_common.h and linux/seccomp.h; REFUSE is an error EPERM."""


def confine():
    """Give up all other system calls, see seccomp(2)."""
    machine, calls = ALLOWED[platform.machine()]
    program = [(LOAD, 0, 0, 4), (JUMP_IF_EQUAL, 1, 0, machine), (RETURN, 0, 0, KILL), (LOAD, 0, 0, 0)]
    program += [(JUMP_IF_EQUAL, len(calls) - i, 0, number) for i, number in enumerate(calls)]
    program += [(RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
    header = struct.pack("@HP", len(program), ctypes.addressof(code))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    unused = (ctypes.c_ulong(0),) * 3
    if prctl(NO_NEW_PRIVILEGES, ctypes.c_ulong(1), *unused) or prctl(
        SET_SECCOMP, ctypes.c_ulong(FILTER), header, *unused[:2]
    ):
        raise OSError(ctypes.get_errno(), "the process cannot be confined")


class Sources(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports modules from their text."""

    def __init__(self, sources):
        self.sources = sources

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, self) if name in self.sources else None

    def is_package(self, name):
        return any(other.startswith(f"{name}.") for other in self.sources)

    def get_source(self, name):
        return self.sources[name]


def plain(value, depth=8):
    """Return a result as JSON can say it; what JSON has no kind for is told by its type."""
    kind = type(value)
    if value is None or kind in (bool, str) or (kind is int and abs(value) < 10**30):
        return value
    if depth and kind is list:
        return [plain(item, depth - 1) for item in value]
    if depth and kind is dict and all(type(key) is str for key in value):
        return {key: plain(item, depth - 1) for key, item in value.items()}
    return f"a {kind.__name__}"


def outcome(library, name, arguments):
    """Return what one call gives: its result, or the error that it raises, and its arguments afterwards."""
    try:
        asked = getattr(library, name)
        found = {"result": plain(asked(*arguments) if callable(asked) else asked)}
    except ValueError as error:
        found = {"error": type(error).__name__}
    except Exception as error:
        found = {"error": f"{type(error).__name__}, which is no ValueError"}
    return {**found, "arguments": plain(arguments)}


def main():
    asked = json.load(sys.stdin)
    answers = os.dup(1)
    silence = os.open(os.devnull, os.O_WRONLY)
    for printed in (1, 2):
        os.dup2(silence, printed)
    for module in LIBRARY.split():
        importlib.import_module(module)
    sys.meta_path.insert(0, Sources(asked["sources"]))
    confine()
    library = importlib.import_module(asked["library"])
    data = json.dumps([outcome(library, *call) for call in asked["calls"]]).encode()
    while data:
        data = data[os.write(answers, data) :]


if __name__ == "__main__":
    main()
