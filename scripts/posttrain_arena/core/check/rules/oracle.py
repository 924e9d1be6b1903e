"""Rules about the reference solution."""

from __future__ import annotations

import re
from collections.abc import Iterator

from posttrain_arena.core.check.draft import DOCKERFILE, ORACLE, Draft
from posttrain_arena.core.check.limits import environment_of, network_of
from posttrain_arena.core.check.named_files import missing_files, names_folder
from posttrain_arena.core.check.network_use import fetched_by
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.shell.state import SUCCESS, Call
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.core.check.verifier_walk import scripts_of
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.places import LOGS_DIR
from posttrain_arena.model.shown import shown

_IDLE = frozenset(
    (
        *("", ":", "true", "false", "set", "echo", "printf", "exit", "return", "cd", "pushd", "popd", "sleep", "pwd"),
        *("export", "local", "declare", "readonly", "typeset", "alias", "unset", "shopt", "trap", "umask", "wait"),
        *("test", "[", "[[", "((", "let", "ls", "cat", "head", "tail", "wc", "date", "whoami", "id", "uname", "env"),
        *("which", "type", "command", "hash", "hostname", "read", "break", "continue", "exec", "clear", "tee"),
    )
)
"""Commands that change nothing by themselves."""

_NOWHERE = re.compile(r"/dev/(null|stdout|stderr|tty)")
_REWARDS = re.compile(r"/logs/verifier|BENCHFLOW_REWARD_")
_VERIFIER = re.compile(r"""["']/(verifier|tests)/|BENCHFLOW_VERIFIER_DIR""")


def oracle_does_nothing(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """oracle/solve.sh does the work that the task asks for.

    Why: it proves that the task can be solved, and demonstrations are made from it. How: write the commands of a
    solution; comments, `echo` and `exit` alone are none. Example: `python3 /oracle/solve.py`.
    """
    if _does_nothing(draft):
        yield Spot(path=ORACLE, what="the oracle does nothing", how="write the commands that solve the task")


def _does_nothing(draft: Draft) -> bool:
    oracle = scripts_of(draft).oracle
    if not draft.listing.is_file(ORACLE) or not draft.text(ORACLE).strip():
        return draft.listing.is_file(ORACLE) and not any(draft.spots("text-encoding"))
    return not oracle.unsure and not any(_works(call) for call in oracle.calls)


def _works(call: Call) -> bool:
    outputs = [values[0].text for values in call.outputs]
    if any(not _NOWHERE.fullmatch(path) for path in outputs):
        return True
    if call.name == "tee":
        return any(not word.startswith("-") and not _NOWHERE.fullmatch(word) for word in call.words())
    return call.name not in _IDLE


def oracle_always_fails(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """oracle/solve.sh can end with success.

    Why: a reference solution that fails proves nothing. How: let it end behind its last command, or with `exit 0`.
    Example: `exit 1` only where an input is missing.
    """
    oracle = scripts_of(draft).oracle
    if oracle.unsure or not oracle.exits or _does_nothing(draft):
        return
    failed = [end for end in oracle.exits if end.kind != "fails" or end.why]
    if failed and all(end.why or _is_failure(value.text) for end in failed for value in end.status or SUCCESS):
        why = failed[-1].why
        what = "every way through the oracle ends with a failure" + (f": {why}" if why else "")
        how = "move what is missing above the line that needs it" if why else "end with exit 0, or leave exit out"
        yield Spot(path=ORACLE, line=failed[-1].line, what=what, how=how)


def _is_failure(status: str) -> bool:
    return status.strip().isdigit() and int(status) % 256 != 0


def oracle_writes_reward(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The oracle writes no reward.

    Why: a reward is the verifier's to give, and what lies in /logs/verifier before it runs is thrown away. How: solve
    the task as an agent would. Example: `wc -l < /srv/data/poem.txt > /root/count.txt`.
    """
    how = "remove it: solve the task as an agent would, the verifier writes the reward"
    for line in _lines_with(draft, (LOGS_DIR,), _REWARDS):
        yield Spot(path=line[0], line=line[1], what=f"the oracle writes under {LOGS_DIR}", how=how)


def oracle_reads_verifier(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The oracle does not read the verifier.

    Why: an agent cannot see the verifier, so a solution copied from there proves nothing, and it is not there when
    the oracle runs. How: work the result out from what the prompt and the image give. Example:
    `python3 /oracle/solve.py /srv/data/poem.txt`.
    """
    if "/tests" in draft.text(DOCKERFILE):
        return
    how = "work the result out from what the agent has: the prompt and the image"
    for name, line in _lines_with(draft, ("/verifier", "/tests", "../verifier", "verifier"), _VERIFIER):
        yield Spot(path=name, line=line, what="the oracle reads the verifier's files, which it cannot see", how=how)


def _lines_with(draft: Draft, folders: tuple[str, ...], pattern: re.Pattern[str]) -> Iterator[tuple[str, int]]:
    """Yield where the oracle's commands name one of the folders, or its Python matches a pattern."""
    oracle = scripts_of(draft).oracle
    seen: set[tuple[str, int]] = set()
    found = [(ORACLE, line) for line, _ in names_folder(draft, oracle, folders)]
    for call in oracle.calls:
        written = [values[0].text for values in call.outputs]
        if any(path.startswith(f"{folder}/") for path in written for folder in folders):
            found.append((call.script, call.line))
        found += [(call.script, call.text_line + at) for at in _matching(call.text, pattern)] if call.text else []
    for name in draft.listing.files("oracle/"):
        if name.endswith(".py"):
            found += [(name, at + 1) for at in _matching(draft.lenient(name), pattern)]
    for place in found:
        if place not in seen:
            seen.add(place)
            yield place


def _matching(text: str, pattern: re.Pattern[str]) -> Iterator[int]:
    if not pattern.search(text):
        return
    for at, line in enumerate(text.split("\n")):
        if pattern.search(line) and not line.lstrip().startswith("#"):
            yield at


def oracle_file_missing(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The files that solve.sh names under its own folder are there.

    Why: the oracle fails on the first of them. How: add the file to oracle/, or mend the name. Example:
    `python3 /oracle/solve.py` beside `oracle/solve.py`.
    """
    yield from missing_files(draft, scripts_of(draft).oracle, "oracle")


def oracle_network(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The oracle fetches nothing where the task has no network.

    Why: it runs under the agent's limits, so the fetch fails. How: install tools in environment/Dockerfile, or declare
    the network that the task needs. Example: `RUN pip install openpyxl==3.1.5` in the Dockerfile.
    """
    task = draft.task.value
    if task is None or network_of(environment_of(task)) != "no-network":
        return
    how = "install it in environment/Dockerfile, or declare the network that the agent needs too"
    for call in scripts_of(draft).oracle.calls:
        what = "" if call.guarded or call.alternative else fetched_by(call)
        if what:
            yield Spot(path=call.script, line=call.line, what=f"{shown(what)}, and the task has no network", how=how)


RULES: tuple[Rule, ...] = (
    judged("oracle-does-nothing", "error", oracle_does_nothing, deep=True),
    judged("oracle-always-fails", "error", oracle_always_fails, deep=True),
    judged("oracle-writes-reward", "error", oracle_writes_reward, deep=True),
    judged("oracle-reads-verifier", "error", oracle_reads_verifier, deep=True),
    judged("oracle-file-missing", "error", oracle_file_missing, deep=True),
    judged("oracle-network", "error", oracle_network, deep=True),
)
