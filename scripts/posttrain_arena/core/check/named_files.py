"""Find the files of a package that its scripts name, and those of them that are not there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from posttrain_arena.core.check.artefacts import is_pytest, is_python
from posttrain_arena.core.check.draft import Draft
from posttrain_arena.core.check.names import meant, offer
from posttrain_arena.core.check.shell.follow import SHELLS, Followed
from posttrain_arena.core.check.shell.state import Call
from posttrain_arena.core.check.shell.values import UNKNOWN, resolved
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.shown import shown

_TESTS = frozenset(("[", "[[", "test", "rm", "mkdir", "echo", "printf", "find", "cd", "ls", "exit", "trap", "touch"))
_RUNNERS = frozenset(("source", ".", "node", "ruby", "perl", "Rscript", "lua", "php"))
MAX_OFFERED = 300
"""Files that a misspelt name is compared with."""

_MAKERS = frozenset(
    ("cp", "mv", "ln", "tee", "install", "tar", "unzip", "touch", "gcc", "g++", "cc", "[", "test", "[[")
)
_FILE = re.compile(r"/?[\w./+-]+\.\w+")


def missing_files(draft: Draft, followed: Followed, folder: str) -> Iterator[Spot]:
    """Yield the files under ``/folder`` that a followed script needs and that the package does not have."""
    made = _made(draft, followed, folder)
    files = [name.removeprefix(f"{folder}/") for name in draft.listing.entries if name.startswith(f"{folder}/")]
    seen: set[str] = set()
    for call in followed.calls:
        for path in _needed(call, folder):
            name = path.removeprefix(f"/{folder}/").rstrip("/")
            if name in files or name in seen or call.guarded or call.alternative or _is_made(path, made):
                continue
            seen.add(name)
            close = meant(name, files[:MAX_OFFERED])
            what = f"{folder}/{shown(name)} is not in the package{offer(shown(close) if close else None)}"
            how = f"write {shown(close)}" if close else f"add the file to {folder}/, or mend the name"
            yield Spot(path=call.script, line=call.line, what=what, how=how)


def names_folder(draft: Draft, followed: Followed, folders: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield the lines of calls that name something in one of the folders, where no test looks for it first."""
    looked_for = {
        value.text.rstrip("/")
        for call in followed.calls
        if call.name in ("[", "[[", "test")
        for values in call.arguments
        for value in values
    }
    for call in followed.calls:
        texts = [value.text for values in (*call.arguments, *call.inputs) for value in values[:1]]
        for text in [call.name, *texts]:
            text = posixpath.normpath(text) if text.startswith("/") else text
            folder = next((name for name in folders if text == name or text.startswith(name + "/")), None)
            if folder and call.name not in ("[", "[[", "test") and folder not in looked_for and text not in looked_for:
                yield call.line, text
                break


def _needed(call: Call, folder: str) -> Iterator[str]:
    """Yield the paths under ``/folder`` that a call cannot do without."""
    start = f"/{folder}/"
    words = [values[0].text for values in call.arguments if len(values) == 1]
    if "/" in call.name and (path := resolved(call.name, call.folder)).startswith(start) and UNKNOWN not in path:
        yield path
    if call.name in _TESTS:
        return
    first = next((word for word in words if not word.startswith("-")), "")
    runs = (
        (is_python(call) and not {"-", "-c", "-m"}.intersection(words)) or call.name in SHELLS or call.name in _RUNNERS
    )
    if runs and "-c" not in words:
        words = [resolved(first, call.folder) if _FILE.fullmatch(first) else "", *words]
    elif is_pytest(call):
        words = [*(resolved(w.partition("::")[0], call.folder) for w in words if w.partition("::")[0].endswith(".py"))]
    for values in call.inputs:
        words += [resolved(value.text, call.folder) for value in values[:1]]
    for word in words:
        if word.startswith(start) and _FILE.fullmatch(word):
            yield posixpath.normpath(word)


def _made(draft: Draft, followed: Followed, folder: str) -> str:
    """Return everything by which the scripts and programs may make files: what they name there may come from them."""
    texts = [draft.lenient(name) for name in draft.listing.files(f"{folder}/") if name.endswith(".py")]
    for call in followed.calls:
        texts += [value.text for values in call.outputs for value in values]
        texts.append(call.text)
        if call.name in _MAKERS:
            texts += [value.text for values in call.arguments[-2:] for value in values]
    return "\n".join(texts)


def _is_made(path: str, made: str) -> bool:
    name = posixpath.basename(path)
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", made) is not None
