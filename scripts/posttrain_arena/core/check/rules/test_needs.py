"""Rules about what test.sh fetches, names and relies on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from posttrain_arena.core.check.artefacts import is_pytest, is_python
from posttrain_arena.core.check.draft import DOCKERFILE, ORACLE, TASK, TEST, Draft
from posttrain_arena.core.check.named_files import missing_files, names_folder
from posttrain_arena.core.check.network_use import fetched_by, fetching_lines, may_fetch, packages_installed
from posttrain_arena.core.check.python_code import python_files, read_python
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.shell.state import Call
from posttrain_arena.core.check.shell.values import resolved
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.core.check.verifier_walk import scripts_of
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown

_WORKSPACE = re.compile(r"/root(/|$)")
_OF_ROOT = re.compile(r"(?:--rootdir|--confcutdir|-c|--config-file)[= ]/root(?:/.*)?")
_WITH_VALUE = ("--rootdir", "--confcutdir", "--basetemp", "-c", "--junitxml", "--ctrf", "-o", "-p", "-k", "-m")
IN_BASE_IMAGE = frozenset(("pytest", "pytest-json-ctrf", "pluggy", "packaging", "iniconfig", "pygments"))
"""What starting-kit/base-image/requirements.txt installs; a test compares."""

_LOADS = re.compile(r"^[ \t]*sys\.path\.(?:insert|append)\((?:\d+,\s*)?[\"']/root\b", re.MULTILINE)


def scoring_network(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Nothing is installed or fetched while a trial is scored.

    Why: the verifier runs without a network, and what it fetches changes from day to day. How: install tools in
    environment/Dockerfile, and put data into verifier/; the base image has pytest and pytest-json-ctrf already.
    Example: `RUN pip install numpy==2.2.6` in the Dockerfile.
    """
    seen: set[tuple[str, int]] = set()
    how = "install it in environment/Dockerfile, or put the file into verifier/"
    for call in scripts_of(draft).test.calls:
        what = "" if call.guarded else fetched_by(call)
        if what and (call.script, call.line) not in seen:
            seen.add((call.script, call.line))
            mend = _has_already(call) or how
            yield Spot(path=call.script, line=call.line, what=f"{what}, and the verifier has none", how=mend)
        yield from _fetched_by_text(call, how)
    for name in python_files(draft, "verifier/"):
        for line, fetched in _fetching(draft.lenient(name)):
            yield Spot(path=name, line=line, what=f"{fetched}, and the verifier has none", how=how)


def _has_already(call: Call) -> str:
    """Say what to do about a command that fetches only what the base image has, "" for any other."""
    installed = packages_installed(call)
    if installed and installed <= IN_BASE_IMAGE:
        them, it = " and ".join(sorted(installed)), "it" if len(installed) == 1 else "them"
        return f"delete it: the base image has {them} already; another image gets {it} in environment/Dockerfile"
    if installed or not is_pytest(call):
        return ""
    how = "start python3 -m pytest instead: the base image has it and pytest-json-ctrf already"
    return f"{how}; another image gets them in environment/Dockerfile"


def _fetched_by_text(call: Call, how: str) -> Iterator[Spot]:
    for line, fetched in _fetching(call.text) if is_python(call) else ():
        place = call.text_line + line - 1
        yield Spot(path=call.script, line=place, what=f"{fetched}, and the verifier has none", how=how)


def _fetching(text: str) -> Iterator[tuple[int, str]]:
    tree = read_python(text).tree if may_fetch(text) else None
    return fetching_lines(tree) if tree is not None else iter(())


def test_file_missing(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The files that test.sh names under its own folder are there.

    Why: the script fails on the first of them, in every trial. How: add the file to verifier/, or mend the name.
    Example: `pytest "$BENCHFLOW_VERIFIER_DIR/test_outputs.py"` beside `verifier/test_outputs.py`.
    """
    yield from missing_files(draft, scripts_of(draft).test, "verifier")


def other_dialect_path(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """test.sh looks for its files in /verifier and solve.sh in /oracle, not in /tests and /solution.

    Why: those are where another dialect of the format mounts them; here they do not exist. How: write
    "${BENCHFLOW_VERIFIER_DIR:-/verifier}", or "$(dirname "$0")". Example: `pytest /verifier/test_outputs.py`.
    """
    scripts = scripts_of(draft)
    places = draft.text(DOCKERFILE) + draft.text(TASK)
    for name, followed, other, own in (
        (TEST, scripts.test, "/tests", "/verifier"),
        (ORACLE, scripts.oracle, "/solution", "/oracle"),
    ):
        for line, path in names_folder(draft, followed, (other,)) if other not in places else ():
            what = f"{shown(path)} is a path of another dialect and does not exist here"
            yield Spot(path=name, line=line, what=what, how=f"write {own} in place of {other}")


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
    for name in python_files(draft, "verifier/"):
        if found := _LOADS.search(draft.lenient(name)):
            line = draft.lenient(name).count("\n", 0, found.start()) + 1
            yield Spot(path=name, line=line, what="modules are imported from the agent's folder", how=how)


def _loads_workspace(call: Call) -> str:
    words = call.words()
    settings = [*call.settings, *(words if call.name == "export" else ())]
    if any(word.startswith("PYTHONPATH=") and "/root" in word for word in settings):
        return "PYTHONPATH leads into the agent's folder"
    script = next((word for word in words if not word.startswith("-")), "")
    path = resolved(script, call.folder)
    if call.name in ("source", ".") and _WORKSPACE.match(path):
        return f"{shown(path)} is read into the verifier's own shell"
    runs = call.name in ("bash", "sh", "node", "ruby", "perl") or (is_python(call) and "-" not in words)
    if runs and "-c" not in words and "-m" not in words and _WORKSPACE.match(path):
        return f"{shown(path)} is the agent's file, and test.sh runs it"
    return _pytest_in_workspace(call, words) if is_pytest(call) else ""


def _pytest_in_workspace(call: Call, words: list[str]) -> str:
    joined = [f"{before} {word}" for before, word in zip(["", *words], words, strict=False)]
    if any(_OF_ROOT.fullmatch(word) for word in [*words, *joined]):
        return "pytest takes its settings from the agent's folder"
    for before, word in zip(["", *words], words, strict=False):
        path = resolved(word.partition("::")[0], call.folder)
        if _WORKSPACE.match(path) and path.endswith((".py", "tests", "test")) and before not in _WITH_VALUE:
            return f"pytest runs {shown(path)}, which the agent may have written"
    return ""


RULES: tuple[Rule, ...] = (
    judged("scoring-network", "error", scoring_network, deep=True),
    judged("test-file-missing", "error", test_file_missing, deep=True),
    judged("other-dialect-path", "error", other_dialect_path, deep=True),
    judged("runs-agent-code", "warning", runs_agent_code, deep=True),
)
