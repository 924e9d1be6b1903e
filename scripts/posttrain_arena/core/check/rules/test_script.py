"""Rules about verifier/test.sh and the scripts that it runs: what they write, fetch and rely on."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from posttrain_arena.core.check.artefacts import (
    ALL,
    LOGS,
    REWARD_JSON,
    REWARD_TEXT,
    VARIABLES,
    is_pytest,
    is_python,
)
from posttrain_arena.core.check.draft import DOCKERFILE, ORACLE, TEST, Draft
from posttrain_arena.core.check.named_files import missing_files, names_folder
from posttrain_arena.core.check.network_use import MAY_FETCH, fetched_by, fetching_lines
from posttrain_arena.core.check.python_code import read_python
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.shell_script import read_script
from posttrain_arena.core.check.shell_state import Call, Exit
from posttrain_arena.core.check.shell_values import UNKNOWN, Value, resolved
from posttrain_arena.core.check.spot import Spot, shown
from posttrain_arena.core.check.verifier_walk import scripts_of
from posttrain_arena.model.competition import Competition

_IN_JSON = re.compile(r'"reward"\s*:\s*("?)([^,}\s"]*)\1')
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?(inf|infinity|nan)", re.IGNORECASE)
_WORKSPACE = re.compile(r"/root(/|$)")
_LOADS = re.compile(r"^[ \t]*sys\.path\.(?:insert|append)\((?:\d+,\s*)?[\"']/root\b", re.MULTILINE)


def shell_syntax(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Shell scripts are ones that a shell can read to their end.

    Why: bash stops where a quote, a here-document or an `if` is not closed, and no reward is written. How: close what
    the message names; `bash -n` finds the same. Example: `bash -n verifier/test.sh`.
    """
    for name in draft.listing.files():
        if name in (TEST, ORACLE) or (name.endswith(".sh") and name.startswith(("verifier/", "oracle/"))):
            fault = read_script(draft.lenient(name)).fault
            if fault is not None and not (name in (TEST, ORACLE) and "\r" in draft.text(name)):
                what = f"no shell can read this: {shown(fault[1], 200)}"
                yield Spot(path=name, line=fault[0], what=what, how="close it; bash -n shows whether it is mended")


def test_writes_artefacts(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """verifier/test.sh writes all three: reward.txt, reward.json and the single checks (ctrf.json).

    Why: a reward that is missing in one of them is no reward. How: write $BENCHFLOW_REWARD_TEXT,
    $BENCHFLOW_REWARD_JSON and $BENCHFLOW_REWARD_DETAILS_JSON on every path through the script. Example: `echo 0.0 >
    "$BENCHFLOW_REWARD_TEXT"`.
    """
    for name in sorted(_never_written(draft)):
        how = f"write it to ${VARIABLES[name]}, default {LOGS}/{name}; the template shows how"
        yield Spot(path=TEST, what=f"{name} is never written", how=how)


def _never_written(draft: Draft) -> frozenset[str]:
    scripts = scripts_of(draft)
    if not draft.text(TEST) or scripts.test.unsure:
        return frozenset()
    trapped = {name for end in scripts.test.exits for name in end.state.trapped}
    return ALL - scripts.test_world.ever - trapped


def artefacts_every_path(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Every path through verifier/test.sh writes all three artefacts.

    Why: where the script ends early, by `exit`, by `set -e` or in a branch that writes nothing, a failed attempt has
    no reward instead of 0.0. How: write all three with reward 0.0 at the top, or in a trap. Example: `trap finish
    EXIT`, where `finish` writes what is not there yet.
    """
    test = scripts_of(draft).test
    if test.unsure:
        return
    never = _never_written(draft)
    seen: set[tuple[str, int]] = set()
    for end in test.exits:
        missing = ALL - never - end.state.written - end.state.trapped
        for spot in _unwritten(end, missing) if missing else ():
            if (spot.path, spot.line or 0) not in seen:
                seen.add((spot.path, spot.line or 0))
                yield spot


def _unwritten(end: Exit, missing: frozenset[str]) -> Iterator[Spot]:
    names = ", ".join(sorted(missing))
    how = "write all three with reward 0.0 at the top of the script, before anything can end it"
    if end.kind == "fails":
        what = f"set -e ends the script where this fails, before {names} is written"
        yield Spot(path=end.script, line=end.line, what=what, how=how)
        return
    lost = {name: line for name, line in end.state.lost.items() if name in missing and line}
    if lost:
        names = ", ".join(sorted(lost))
        what = f"{names} is written on some of the ways through here and not on all"
        yield Spot(path=end.script, line=min(lost.values()), what=what, how=how)
        return
    what = f"the script can end here without having written {names}"
    yield Spot(path=end.script, line=end.line, what=what, how=how)


def always_pass(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The reward depends on what the agent did.

    Why: a constant 1.0 pays for nothing, as does the exit code of `pytest … || true` or of `pytest … | tee log`. How:
    take the exit code right after the tests and write 1.0 only where it is 0. Example: `pytest …; status=$?`.
    """
    test = scripts_of(draft).test
    if test.unsure or not test.exits:
        return
    rewards = [value for end in test.exits for value in end.state.reward]
    trapped = any(REWARD_TEXT in end.state.trapped for end in test.exits)
    if trapped or not rewards or not all(_number(value.text) == 1 for value in rewards):
        return
    ran = [call for call in test.calls if is_pytest(call)]
    what = "the reward is 1.0 whatever the agent did"
    how = "write 1.0 only where the checks passed, else 0.0"
    if ran:
        what += ": what the tests said is not looked at, or their exit code is lost"
        how = "keep the exit code right after the tests: pytest …; status=$? (no '|| true', no pipe), and test it"
    line = max(value.line for value in rewards) or None
    yield Spot(path=TEST, line=line, what=what, how=how)


def reward_out_of_range(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A reward is a number from 0 to 1.

    Why: the runner refuses every other, and the trial has no reward. How: divide points by the points that can be had.
    Example: `echo 0.75 > "$BENCHFLOW_REWARD_TEXT"`.
    """
    scripts = scripts_of(draft)
    seen: set[tuple[int, str]] = set()
    for call in scripts.test.calls:
        names = {name for values in call.outputs for name in scripts.test_world.named(values, call.folder)}
        for value in call.said if len(names) == 1 else ():
            written, line = _reward_in(value, names), value.line or call.line
            told = (line, written) in seen or (REWARD_JSON in names and any(written == other for _, other in seen))
            if written and not told and not 0 <= _number(written) <= 1:
                seen.add((line, written))
                what = f"the reward {shown(written, 40)!r} is not a number from 0 to 1"
                yield Spot(path=call.script, line=line, what=what, how="write a number from 0.0 to 1.0")


def _reward_in(value: Value, names: set[str]) -> str:
    text = value.text.strip()
    if REWARD_JSON in names:
        found = _IN_JSON.search(text)
        return found[2] if found and UNKNOWN not in found[2] else ""
    return text if REWARD_TEXT in names and UNKNOWN not in text else ""


def _number(text: str) -> float:
    """Return a text as a number, NaN where it is none; NaN lies in no range."""
    return float(text) if _NUMBER.fullmatch(text.strip()) else math.nan


def scoring_network(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Nothing is installed or fetched while a trial is scored.

    Why: the verifier runs without a network, and what it fetches changes from day to day. How: install tools in
    environment/Dockerfile, and put data into verifier/. Example: `RUN pip install pytest==8.4.1 pytest-json-ctrf` in
    the Dockerfile.
    """
    seen: set[tuple[str, int]] = set()
    how = "install it in environment/Dockerfile, or put the file into verifier/"
    for call in scripts_of(draft).test.calls:
        what = "" if call.guarded else fetched_by(call)
        if what and (call.script, call.line) not in seen:
            seen.add((call.script, call.line))
            yield Spot(path=call.script, line=call.line, what=f"{what}, and the verifier has none", how=how)
        yield from _fetched_by_text(call, how)
    for name in draft.listing.files("verifier/"):
        text = draft.lenient(name) if name.endswith(".py") else ""
        for line, fetched in _fetching(text):
            yield Spot(path=name, line=line, what=f"{fetched}, and the verifier has none", how=how)


def _fetched_by_text(call: Call, how: str) -> Iterator[Spot]:
    for line, fetched in _fetching(call.text) if is_python(call) else ():
        place = call.text_line + line - 1
        yield Spot(path=call.script, line=place, what=f"{fetched}, and the verifier has none", how=how)


def _fetching(text: str) -> Iterator[tuple[int, str]]:
    tree = read_python(text).tree if MAY_FETCH.search(text) else None
    return fetching_lines(tree) if tree is not None else iter(())


def test_file_missing(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The files that test.sh names under its own folder are there.

    Why: the script fails on the first of them, in every trial. How: add the file to verifier/, or mend the name.
    Example: `pytest "$BENCHFLOW_VERIFIER_DIR/test_outputs.py"` beside `verifier/test_outputs.py`.
    """
    yield from missing_files(draft, scripts_of(draft).test, "verifier")


def other_dialect_path(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """test.sh looks for its files in /verifier, not in /tests.

    Why: /tests is where another dialect of the format mounts them; here it does not exist. How: write
    "${BENCHFLOW_VERIFIER_DIR:-/verifier}". Example: `pytest /verifier/test_outputs.py`.
    """
    if "/tests" in draft.text(DOCKERFILE):
        return
    how = 'write /verifier in its place, or "${BENCHFLOW_VERIFIER_DIR:-/verifier}"'
    for line, path in names_folder(draft, scripts_of(draft).test, ("/tests",)):
        yield Spot(path=TEST, line=line, what=f"{shown(path)} does not exist when a trial is scored", how=how)


def runs_agent_code(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The verifier does not load code from the agent's folder into itself.

    Why: what the agent left in /root then decides its own reward. How: start the agent's program as a process of its
    own from a test and judge what it prints; keep PYTHONPATH and sys.path clear of /root. Example:
    `subprocess.run(["python3", "/root/solve.py"])` inside test_outputs.py.
    """
    how = "start the agent's program from a test as a process of its own, and judge its output"
    for call in scripts_of(draft).test.calls:
        if what := _loads_workspace(call):
            yield Spot(path=call.script, line=call.line, what=what, how=how)
    for name in draft.listing.files("verifier/"):
        found = _LOADS.search(draft.lenient(name)) if name.endswith(".py") else None
        if found:
            line = draft.lenient(name).count("\n", 0, found.start()) + 1
            yield Spot(path=name, line=line, what="modules are imported from the agent's folder", how=how)


def _loads_workspace(call: Call) -> str:
    words = call.words()
    if call.name == "export" and any(word.startswith("PYTHONPATH=") and "/root" in word for word in words):
        return "PYTHONPATH leads into the agent's folder"
    script = next((word for word in words if not word.startswith("-")), "")
    path = resolved(script, call.folder)
    if call.name in ("source", ".") and _WORKSPACE.match(path):
        return f"{shown(path)} is read into the verifier's own shell"
    runs = call.name in ("bash", "sh", "node", "ruby", "perl") or (is_python(call) and "-" not in words)
    if runs and "-c" not in words and "-m" not in words and _WORKSPACE.match(path):
        return f"{shown(path)} is the agent's file, and test.sh runs it"
    if is_pytest(call):
        told = [resolved(word.partition("::")[0], call.folder) for word in words if word.startswith(("/", "."))]
        options = ("--rootdir", "--confcutdir", "--basetemp")
        found = [path for path in told if _WORKSPACE.match(path) and path.endswith((".py", "tests", "test"))]
        if found and not words[max(words.index(found[0]) - 1, 0) if found[0] in words else 0].startswith(options):
            return f"pytest runs {shown(found[0])}, which the agent may have written"
    return ""


RULES: tuple[Rule, ...] = (
    judged("shell-syntax", "error", shell_syntax, deep=True),
    judged("test-artefacts", "error", test_writes_artefacts, deep=True),
    judged("artefacts-every-path", "error", artefacts_every_path, deep=True),
    judged("always-pass", "error", always_pass, deep=True),
    judged("reward-out-of-range", "error", reward_out_of_range, deep=True),
    judged("scoring-network", "error", scoring_network, deep=True),
    judged("test-file-missing", "error", test_file_missing, deep=True),
    judged("other-dialect-path", "error", other_dialect_path, deep=True),
    judged("runs-agent-code", "warning", runs_agent_code, deep=True),
)
