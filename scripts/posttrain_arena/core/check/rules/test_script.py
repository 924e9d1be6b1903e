"""Rules about the reward that test.sh and the scripts that it runs write."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator

from posttrain_arena.core.check.artefacts import REWARD_NAMES, is_pytest
from posttrain_arena.core.check.draft import ORACLE, TEST, Draft
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.shell.script import read_script
from posttrain_arena.core.check.shell.state import Exit
from posttrain_arena.core.check.shell.values import UNKNOWN, Value
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.core.check.verifier_walk import scripts_of
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.places import LOGS_DIR, REWARD_FILES, REWARD_JSON, REWARD_TEXT, REWARD_VARIABLES
from posttrain_arena.model.shown import shown

_IN_JSON = re.compile(r'"reward"\s*:\s*("?)([^,}\s"]*)\1')
_MOVE_FUNCTION = "define the function above its first call"
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?(inf|infinity|nan)", re.IGNORECASE)


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


def script_not_followed(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Shell scripts are short and plain enough to be followed without running them.

    Why: what cannot be followed cannot be checked, so a person has to read it. How: move data into files of its own
    and long work into a program. Example: a test.sh of 20 lines that calls `python3 /verifier/score.py`.
    """
    scripts = scripts_of(draft)
    for name, followed in ((TEST, scripts.test), (ORACLE, scripts.oracle)):
        if draft.text(name) and not followed.whole and read_script(draft.text(name)).fault is None:
            what = "the script is too long or too odd to be followed, so it was not checked"
            yield Spot(
                path=name, what=what, how="make it shorter and plainer; programs and data have files of their own"
            )


def test_writes_artefacts(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """verifier/test.sh writes all three: reward.txt, reward.json and the single checks (ctrf.json).

    Why: a reward that is missing in one of them is no reward. How: write $BENCHFLOW_REWARD_TEXT,
    $BENCHFLOW_REWARD_JSON and $BENCHFLOW_REWARD_DETAILS_JSON on every path through the script. Example: `echo 0.0 >
    "$BENCHFLOW_REWARD_TEXT"`.
    """
    early = scripts_of(draft).test.early
    for name in sorted(_never_written(draft)):
        how = f"write it to ${REWARD_VARIABLES[name]}, default {LOGS_DIR}/{name}; the template shows how"
        what = f"{name} is never written" + "".join(f"; {why}" for why in early[:1])
        yield Spot(path=TEST, what=what, how=f"{_MOVE_FUNCTION}, or {how}" if early else how)


def _never_written(draft: Draft) -> frozenset[str]:
    scripts = scripts_of(draft)
    is_cut = bool(scripts.test.exits) and all(end.why for end in scripts.test.exits)  # what follows is never reached
    if not draft.text(TEST) or scripts.test.unsure or is_cut:
        return frozenset()
    trapped = {name for end in scripts.test.exits for name in end.state.trapped}
    return REWARD_NAMES - scripts.test_world.ever - trapped


def artefacts_every_path(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Every path through verifier/test.sh writes all three artefacts.

    Why: where the script ends early, by `exit`, by `set -e`, by `set -u` or in a branch that writes nothing, a failed
    attempt has no reward instead of 0.0. How: write all three with reward 0.0 once their paths are set and functions
    defined, before anything can end the script, or in a trap. Example: `trap finish EXIT`, where `finish` writes what
    is not there yet.
    """
    test = scripts_of(draft).test
    if test.unsure or not draft.text(TEST):
        return
    never = _never_written(draft)
    seen: set[tuple[str, int]] = set()
    for end in test.exits:
        missing = REWARD_NAMES - never - end.state.written - end.state.trapped
        for spot in _unwritten(end, missing, test.early[:1]) if missing else ():
            if (spot.path, spot.line or 0) not in seen:
                seen.add((spot.path, spot.line or 0))
                yield spot


def _unwritten(end: Exit, missing: frozenset[str], early: tuple[str, ...]) -> Iterator[Spot]:
    lost = {name: line for name, line in end.state.lost.items() if name in missing and line}
    names, line = _listed(missing), end.line
    how = f"write {names} once the paths are set, with reward 0.0, before anything can end the script"
    if end.why:
        what = f"the script ends here, before {names} {_is(missing)} written: {end.why}"
        how = _MOVE_FUNCTION if end.why in early else f"set it above this line, or write ${{NAME:-}}; {how}"
    elif end.kind == "fails":
        what = f"set -e ends the script where this fails, before {names} {_is(missing)} written"
    elif lost:
        names, line = _listed(lost), min(lost.values())
        what = f"{names} {_is(lost)} written on some of the ways through here and not on all"
        how = f"write {names} on the other ways too, or once the paths are set, before anything can end the script"
    else:
        what = f"the script can end here without having written {names}"
    if early and not end.why:
        what, how = f"{what}; {early[0]}", f"{_MOVE_FUNCTION}, and {how}"
    yield Spot(path=end.script, line=line, what=what, how=how)


def _listed(names: Collection[str]) -> str:
    ordered = [name for name in REWARD_FILES if name in names]
    return " and ".join([", ".join(ordered[:-1]), ordered[-1]] if len(ordered) > 1 else ordered)


def _is(names: Collection[str]) -> str:
    return "is" if len(names) == 1 else "are"


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


def test_exit_status(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """test.sh ends with status 0 once the reward is written.

    Why: another status says that scoring itself broke, and the trial then has no reward, not even 0.0. How: write the
    reward and end with `exit 0`. Example: `exit 0` in place of `exit $STATUS`.
    """
    test = scripts_of(draft).test
    for end in test.exits if not test.unsure else ():
        written = REWARD_TEXT in end.state.written
        if end.kind == "exit" and written and any(_may_be_failure(value.text) for value in end.status):
            what = "the script can end here with another status than 0, which loses the reward"
            yield Spot(path=end.script, line=end.line, what=what, how="write exit 0 once the reward is written")


def _may_be_failure(status: str) -> bool:
    return UNKNOWN in status or (status.strip().isdigit() and int(status) % 256 != 0)


RULES: tuple[Rule, ...] = (
    judged("shell-syntax", "error", shell_syntax, deep=True, hides=True),
    judged("script-not-followed", "warning", script_not_followed, deep=True),
    judged("test-artefacts", "error", test_writes_artefacts, deep=True),
    judged("artefacts-every-path", "error", artefacts_every_path, deep=True),
    judged("always-pass", "error", always_pass, deep=True),
    judged("reward-out-of-range", "error", reward_out_of_range, deep=True),
    judged("test-exit-status", "warning", test_exit_status, deep=True),
)
