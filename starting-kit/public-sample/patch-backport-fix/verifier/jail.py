"""Run the agent's pulseline where it can compute and do nothing else.

Standard input is one JSON object: ``modules`` (name → source) and ``jobs`` (what to call). Standard output is the list
of what came of the jobs. No expected result is ever in this process, and before the first line of the agent's source is
compiled the kernel is told (seccomp) to refuse all calls but those on memory, time and the files that are open already.
"""

import ctypes
import importlib
import importlib.abc
import importlib.machinery
import inspect
import json
import os
import platform
import struct
import sys

PRELOADED = (
    "codecs collections.abc dataclasses encodings.utf_8_sig enum functools io itertools operator re string typing"
)

NAMES = (
    "read write close fstat lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn sched_yield mremap"
    " madvise getpid exit gettimeofday sigaltstack gettid futex restart_syscall clock_gettime exit_group getrandom"
).split()
NUMBERS = {
    "x86_64": (0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 28, 39, 60, 96, 131, 186, 202, 219, 228, 231, 318),
    "aarch64": (63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 124, 216, 233, 172, 93, 169, 132, 178, 98, 128)
    + (113, 94, 278),
}
"""The numbers of NAMES, in their order."""
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def instruction(code, value, if_equal=0, otherwise=0):
    """Return one instruction of a packet filter."""
    return struct.pack("=HBBI", code, if_equal, otherwise, value)


def lock():
    """Leave this process nothing but NAMES; an unknown machine raises KeyError before any of the agent's code runs."""
    machine = platform.machine()
    numbers = NUMBERS[machine]
    if len(numbers) != len(NAMES):
        raise ValueError("NAMES and NUMBERS differ in length")
    load, equal, give = 0x20, 0x15, 0x06
    kill, permit, no = 0x80000000, 0x7FFF0000, 0x00050001
    program = instruction(load, 4) + instruction(equal, ARCHITECTURES[machine], 1) + instruction(give, kill)
    program += instruction(load, 0)
    for number in numbers:
        program += instruction(equal, number, 0, 1) + instruction(give, permit)
    program += instruction(give, no)
    memory = ctypes.create_string_buffer(program)
    pointer = struct.pack("@HP", len(program) // 8, ctypes.addressof(memory))
    libc = ctypes.CDLL(None)
    zero = ctypes.c_ulong(0)
    no_new_privileges = libc.prctl(38, ctypes.c_ulong(1), zero, zero, zero)
    if no_new_privileges or libc.prctl(22, ctypes.c_ulong(2), pointer, zero, zero):
        raise OSError("the kernel refuses to lock the process")


class FromText(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds the agent's modules in memory."""

    def __init__(self, modules):
        self.modules = modules

    def find_spec(self, name, path=None, target=None):
        if name not in self.modules:
            return None
        inner = any(other.startswith(name + ".") for other in self.modules)
        return importlib.machinery.ModuleSpec(name, self, is_package=inner)

    def get_source(self, name):
        return self.modules[name]


def piece(word):
    """Return a piece of a stream: bytes are sent as hexadecimal digits."""
    kind, value = word
    return bytes.fromhex(value) if kind == "bytes" else value


def shown(value):
    """Return a value so that JSON can tell it from every other one."""
    if type(value).__name__ == "Event" and isinstance(value, tuple):
        return {"Event": [shown(field) for field in tuple.__iter__(value)]}
    if type(value) is list:
        return [shown(item) for item in value[:500]]
    return value if value is None or type(value) in (str, int) else {"type": type(value).__name__}


def push(library, job):
    """Feed a parser; return what each call gave, and the last id."""
    parser = library.EventParser(job["last_id"]) if job["last_id"] else library.EventParser()
    given = [shown(parser.close() if word == "close" else parser.feed(piece(word))) for word in job["steps"]]
    return [given, shown(parser.last_id)]


def pull(library, job):
    """Read a stream; return each event with the number of pieces that had been asked for."""
    asked = []

    def pieces():
        for word in job["steps"]:
            asked.append(word)
            yield piece(word)

    return [[len(asked), shown(event)] for event in library.iter_events(pieces(), job["last_id"])]


def take(library, job):
    """Hand lines to a parser; return what each call gave, and the last id."""
    parser = library.EventParser()
    return [[shown(parser.take_line(line)) for line in job["lines"]], shown(parser.last_id)]


def surface(library, job):
    """Return the names, fields and signatures that users see."""
    methods = (library.EventParser, library.EventParser.feed, library.EventParser.take_line, library.EventParser.close)
    functions = (*methods, library.iter_events, library.format_event, library.format_comment)
    return {
        "all": sorted(library.__all__),
        "version": shown(library.__version__),
        "fields": list(library.Event._fields),
        "signatures": [
            [[p.name, p.kind.name, "" if p.default is p.empty else repr(p.default)] for p in parameters.values()]
            for parameters in (inspect.signature(function).parameters for function in functions)
        ],
    }


JOBS = {
    "push": push,
    "pull": pull,
    "take": take,
    "surface": surface,
    "event": lambda library, job: shown(library.format_event(*job["args"], **job["named"])),
    "comment": lambda library, job: shown(library.format_comment(*job["args"])),
}


def done(library, job):
    """Return what came of one job."""
    try:
        return {"gave": JOBS[job["do"]](library, job)}
    except ValueError:
        return {"raised": "ValueError"}
    except Exception as error:
        return {"raised": type(error).__name__}


def main():
    asked = json.load(sys.stdin)
    out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    for name in PRELOADED.split():
        importlib.import_module(name)
    sys.meta_path.insert(0, FromText(asked["modules"]))
    lock()
    library = importlib.import_module("pulseline")
    answer = memoryview(json.dumps([done(library, job) for job in asked["jobs"]]).encode())
    while answer:
        answer = answer[os.write(out, answer) :]


if __name__ == "__main__":
    main()
