"""Rules about the scripts that a trial or a build runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from posttrain_arena.core.check.dockerfile import read_dockerfile
from posttrain_arena.core.check.draft import DOCKERFILE, ORACLE, TEST, Draft
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.scripts import FOLDERS, build_starts, helpers, raw, starts
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.core.check.text_file import MAX_TEXT_BYTES, decode_text, windows_lines
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown

_SHELL = (".sh", ".bash")
_SHELLS = re.compile(r"(?:ba|da|a|k|mk|z)?sh|busybox")
_SHEBANG = re.compile(r"#!\s*(\S+)(.*)")
_CODING = re.compile(rb"(?:[^\n]*\n)?[^\n]*coding[:=]")


def script_shebang(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """verifier/test.sh and oracle/solve.sh start with `#!`.

    Why: a reader, an editor and a shell know by it what the file is. How: name the shell in the first line, from its
    first character on. Example: `#!/bin/bash`.
    """
    for name in (TEST, ORACLE):
        text = draft.text(name)
        if text.strip() and not text.startswith("#!"):
            near = re.match(r"\s*(#\s*!|#\s*/(?:usr/)?bin/)", text)
            what = "the first line is not '#!…'"
            what += f": {shown(text.strip().partition(chr(10))[0], 40)!r} does not count as one" if near else ""
            yield Spot(path=name, line=1, what=what, how="start the file with #!/bin/bash, nothing before it")


def shebang_wrong(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The `#!` of a shell script names a shell by its absolute path.

    Why: the arena starts test.sh and solve.sh through bash, whatever stands there, and the kernel starts the others as
    it says. How: write the shell that the script is written for; call code of another language from it. Example:
    `#!/usr/bin/env bash`.
    """
    run = {start.file for start in build_starts(draft)}
    for name in (TEST, ORACLE, *helpers(draft), *sorted(run)):
        text = draft.lenient(name) if name.endswith(_SHELL) else ""
        first = text.partition("\n")[0].rstrip("\r")
        if first.startswith("#!") and (wrong := _wrong_shebang(first)):
            yield Spot(path=name, line=1, what=wrong, how="write #!/bin/bash, or #!/usr/bin/env bash")


def _wrong_shebang(line: str) -> str | None:
    found = _SHEBANG.fullmatch(line)
    if not found:
        return "nothing stands behind '#!'"
    program, rest = found[1], found[2].split()
    if not program.startswith("/"):
        return f"{shown(program)!r} is no absolute path, which '#!' needs"
    if program.endswith("/env"):
        program = next((word for word in rest if not word.startswith("-") and "=" not in word), "")
    name = program.rpartition("/")[2]
    return None if _SHELLS.fullmatch(name) else f"{shown(name)!r} is not a shell, and this is a shell script"


def text_encoding(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Text files are UTF-8 without byte order mark and without NUL, of at most 1 MB.

    Why: bash takes a byte order mark for part of `#!`, and readers differ in what they do with other bytes. How: save
    the file as UTF-8. Example: `iconv -f latin1 -t utf-8 old.md > task.md`.
    """
    for name in helpers(draft):
        data = raw(draft, name)
        python = name.endswith(".py")
        if draft.listing.entries[name].size > MAX_TEXT_BYTES or (python and _CODING.match(data)):
            continue
        if data.startswith(b"\xef\xbb\xbf") and python and not data.startswith(b"\xef\xbb\xbf#!"):
            data = data[3:]  # Python reads a byte order mark, the kernel does not
        yield from (problem.spot for problem in decode_text(data, name)[1] if problem.rule == "text-encoding")


def line_endings(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Scripts end their lines with LF: shell scripts, what starts with `#!`, and here-documents of the Dockerfile.

    Why: a shell takes a carriage return for part of the last word of a line, the kernel for part of the program's name.
    How: save the script with LF line ends. Example: `sed -i 's/\\r$//' verifier/test.sh`.
    """
    run = {start.file for start in build_starts(draft)}
    for name in (*helpers(draft), *sorted(run)):
        data = raw(draft, name)
        at = data.find(b"\r\n")
        shell = name.endswith(_SHELL)
        if at >= 0 and (shell or (data.startswith(b"#!") and at < data.find(b"\n"))):
            yield windows_lines(name, data.count(b"\n", 0, at) + 1)
    if b"\r\n" in raw(draft, DOCKERFILE):
        yield from _in_heredocs(draft)


def _in_heredocs(draft: Draft) -> Iterator[Spot]:
    lines = raw(draft, DOCKERFILE).split(b"\n")
    for step in read_dockerfile(draft.text(DOCKERFILE)):
        for heredoc in step.heredocs:
            body = range(heredoc.line, heredoc.line + heredoc.body.count("\n") + 1)
            at = next((number for number in body if lines[number - 1].endswith(b"\r")), None)
            if at is not None:
                yield windows_lines(DOCKERFILE, at)


def script_mode(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A script that is started by its path is executable.

    Why: without the bit the shell says `Permission denied`. How: `chmod +x` it and commit that, or start it through its
    interpreter. Example: `bash /verifier/count.sh`.
    """
    for start in (*starts(draft), *build_starts(draft)):
        base = start.file.rpartition("/")[2]
        if (
            not start.direct
            or draft.listing.entries[start.file].mode & 0o111
            or _made_executable(draft, start.script, base)
        ):
            continue
        what = f"{shown(start.file)} is started by its path and is not executable"
        how = f"make it executable: chmod +x {shown(start.file)}; or start it through its interpreter"
        yield Spot(path=start.script, line=start.line, what=what, how=how)


def _made_executable(draft: Draft, script: str, base: str) -> bool:
    """Say whether the script, or the Dockerfile, may have made the file executable before."""
    lines = draft.lenient(script).split("\n") if script.startswith(FOLDERS) else [draft.text(DOCKERFILE)]
    chmods = [line for line in lines if "chmod" in line]
    return any(base in line or "-R" in line or "*" in line for line in chmods)


RULES: tuple[Rule, ...] = (
    judged("script-shebang", "warning", script_shebang, deep=True),
    judged("shebang-wrong", "error", shebang_wrong, deep=True),
    judged("text-encoding", "error", text_encoding, deep=True, hides=True),
    judged("line-endings", "error", line_endings, deep=True),
    judged("script-mode", "error", script_mode, deep=True),
)
