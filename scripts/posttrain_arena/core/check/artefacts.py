"""Which of the verifier's three files the commands of a script write, and with what."""

from __future__ import annotations

import ast
import posixpath
import re

from posttrain_arena.core.check.build_steps import pairs
from posttrain_arena.core.check.dockerfile import read_dockerfile
from posttrain_arena.core.check.draft import DOCKERFILE, Draft
from posttrain_arena.core.check.python_code import read_python
from posttrain_arena.core.check.shell.state import Call, State, Truth
from posttrain_arena.core.check.shell.values import UNKNOWN, Value, Values, resolved, unknown
from posttrain_arena.model.places import LOGS_DIR, REWARD_DETAILS, REWARD_FILES, REWARD_TEXT, REWARD_VARIABLES

REWARD_NAMES = frozenset(REWARD_FILES)

_FOLDERS = (LOGS_DIR, "/root", "/tmp", "/")  # noqa: S108 (inside the container)
"""Folders that are there whenever a verifier runs."""

_WORDS_OF_TOOLS = """
: true false echo printf cat ls rm rmdir mkdir chmod chown touch stat test dirname basename realpath readlink
wc head tail grep egrep fgrep zgrep rg awk gawk sed tr cut sort uniq comm paste diff cmp jq yq bc expr seq
date sleep env printenv id whoami uname hostname which type hash command find xargs file md5sum sha1sum
sha256sum cksum tar gzip gunzip zcat unzip zip curl wget git pip pip3 uv uvx apt apt-get apk conda npm npx
kill pkill wait ps pgrep nproc free df du ln install export declare local readonly typeset umask ulimit shopt
alias column fold nl rev tac tee cp mv dd rsync touch mktemp nc lsof ss exec pytest py.test python python3
sqlite3 gcc g++ cc clang javac rustc psql mysql redis-cli openssl base64 xxd od strings iconv dos2unix
envsubst yes split shuf numfmt timeout pushd popd cd dpkg getent xmllint ffprobe ffmpeg pdftotext ssconvert
"""
_TOOLS = frozenset(_WORDS_OF_TOOLS.split())
"""Programs that touch no file but those they are told of."""

_WORDS_OF_READERS = """
rm rmdir mkdir cat ls chmod chown touch stat test dirname basename realpath readlink wc head tail grep diff cmp echo
printf find file md5sum sha256sum jq
"""
_READERS = frozenset(_WORDS_OF_READERS.split())
"""Programs that do not write the files that are their arguments."""

_PYTHON = re.compile(r"(?:.*/)?(python[0-9.]*|pypy3?)")
_PYTEST = re.compile(r"(?:.*/)?(pytest|py\.test)(-3)?")
_VERDICTS = frozenset(("diff", "cmp", "grep", "egrep", "false"))
_FAILING = re.compile(r"\bsys\.exit\(|\bSystemExit\b|\bassert\b|\bunittest\.main|\bpytest\.main|\bos\._exit|\bexit\(")
_TEST_FILE = re.compile(r"test_.*\.py|.*_test\.py")
_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)
MAX_PROGRAMS = 100
"""Starts of programs that are looked into per script; what the others write is not known."""

MAX_CONSTANT_CHARS = 2000
"""A longer program that writes the reward does look at something."""

_BRANCHING = (ast.If, ast.IfExp, ast.Compare, ast.BoolOp, ast.Assert, ast.Try, ast.While, ast.For, ast.comprehension)
_STRAIGHT_CALLS = re.compile(
    r"open|print|str|float|int|dict|((\w+\.)*(write|write_text|dump|dumps|mkdir|makedirs|close|Path|get|getenv|flush))"
)


class VerifierWorld:
    """What test.sh finds in the verifier's container."""

    def __init__(self, draft: Draft, folder: str = "verifier") -> None:
        self.draft, self.folder = draft, folder
        value = draft.verifier.value
        details = value.verifier.outputs.details_json if value else ""
        self.paths = ({details: REWARD_DETAILS} if details else {}) | {
            f"{LOGS_DIR}/{name}": name for name in REWARD_NAMES
        }
        self.names = {posixpath.basename(path): name for path, name in self.paths.items()}
        self.ever: set[str] = set()
        self._programs = 0
        self._tests: list[str] | None = None

    def package_name(self, path: str) -> str | None:
        """Return the name in the package of a path in the container, None for one that lies elsewhere."""
        name = path.lstrip("/")
        return name if path.startswith(f"/{self.folder}/") and UNKNOWN not in path else None

    def text_of(self, path: str) -> str | None:
        """Return the text of a file of the package by its path in the container, None where it has none."""
        name = self.package_name(path)
        return self.draft.lenient(name) if name and self.draft.listing.is_file(name) else None

    def exists(self, sign: str, path: str) -> Truth:
        """Say whether ``test sign path`` holds; of what the image holds nothing is known."""
        if sign in ("-d", "-e") and path in (*_FOLDERS, f"/{self.folder}"):
            return True
        name = self.package_name(path)
        entry = self.draft.listing.entries.get(name) if name else None
        if entry is None:
            return None
        kinds = {"-f": entry.kind == "file", "-d": entry.kind == "folder", "-e": True, "-r": True}
        return kinds.get(sign)

    def may_fail(self, call: Call) -> bool:
        """Say whether a program fails where the agent's work is wrong."""
        if call.name in _VERDICTS or is_pytest(call):
            return True
        return is_python(call) and _FAILING.search(self.program(call) or "") is not None

    def is_program(self, name: str) -> bool:
        """Say whether a command of this name is there without any script defining it."""
        return name in _TOOLS or name in _READERS or "/" in name or _PYTHON.fullmatch(name) is not None

    def has_variable(self, name: str) -> bool:
        """Say whether the image gives a variable a value."""
        steps = read_dockerfile(self.draft.text(DOCKERFILE))
        return any(name == key for step in steps if step.name == "ENV" for key, _ in pairs(step))

    def effect(self, call: Call, state: State) -> bool:
        """Put into ``state`` which files a program writes; False where that is not known."""
        for values in call.outputs:
            self._write(self.named(values, state.folder), call.said if not call.appends else (), state)
        if call.name == "tee":
            for values in call.arguments:
                self._write(self.named(values, state.folder), call.said, state)
        elif call.name not in _READERS:
            self._write(self._in_arguments(call, state.folder), (), state)
        if not (is_python(call) or is_pytest(call)):
            return self._is_followed(call, state.folder)
        program = self.program(call)
        if program is not None:
            names = self.mentioned(program, call)
            self._write(names, (), state)
            if REWARD_TEXT in names and _is_constant(program):
                state.reward = (Value("1.0", call.line),)
        return program is not None

    def named(self, values: Values, folder: str) -> frozenset[str]:
        """Return which of the three files a path may be."""
        found: set[str] = set()
        for value in values:
            path = resolved(value.text, folder)
            name = posixpath.basename(path)
            if path in self.paths:
                found.add(self.paths[path])
            elif UNKNOWN in path:
                found |= {self.names[name]} if name in self.names else REWARD_NAMES if UNKNOWN in name else set()
        return frozenset(found)

    def program(self, call: Call) -> str | None:
        """Return the text of the Python that is run, with the package's modules that it imports; None if unknown."""
        self._programs += 1
        if self._programs > MAX_PROGRAMS:
            return None
        if is_pytest(call):
            texts = [self._text(path) for path in self.tests_of(call)]
            return "\n".join([*texts, self._text(f"{self.folder}/conftest.py")])
        words = call.words()
        if "-c" in words[:-1]:
            return self._with_imports(words[words.index("-c") + 1])
        if "-m" in words[:-1]:
            module = words[words.index("-m") + 1].replace(".", "/")
            return self._with_imports(self._text(f"{self.folder}/{module}.py")) if module in _MODULES else None
        script = next((word for word in words if not word.startswith("-")), "")
        if not script or "-" in words[: words.index(script)]:
            return self._with_imports(call.text)
        path = resolved(script, call.folder)
        if UNKNOWN in path:
            return None
        return self._with_imports(self._text(path.lstrip("/")) if self.package_name(path) else "")

    def tests_of(self, call: Call) -> list[str]:
        """Return the names in the package of the files that pytest is told to run; all it would find, if none."""
        told: list[str] = []
        for word in call.words():
            name = self.package_name(resolved(word.partition("::")[0], call.folder))
            if name and name.endswith(".py"):
                told.append(name)
        if told:
            return told
        if self._tests is None:
            files = self.draft.listing.files(f"{self.folder}/")
            self._tests = [name for name in files if _TEST_FILE.fullmatch(posixpath.basename(name))]
        return self._tests

    def mentioned(self, text: str, call: Call) -> frozenset[str]:
        """Return which of the three files a program's text names."""
        found = {name for name, variable in REWARD_VARIABLES.items() if variable in text}
        found |= {name for base, name in self.names.items() if base in text}
        if not found and (
            LOGS_DIR in text or any(value.text == LOGS_DIR for values in call.arguments for value in values)
        ):
            return REWARD_NAMES
        return frozenset(found)

    def _text(self, name: str) -> str:
        return self.draft.lenient(name)

    def _with_imports(self, text: str) -> str:
        texts = [text]
        for module in sorted(set(_IMPORT.findall(text))):
            if inner := self._text(f"{self.folder}/{module}.py"):
                texts.append(inner)
        return "\n".join(texts)

    def _in_arguments(self, call: Call, folder: str) -> frozenset[str]:
        found: set[str] = set()
        for values in call.arguments:
            for value in values:
                text = value.text
                if text.rstrip("/") == LOGS_DIR and call.name in ("cp", "mv", "install", "rsync", "ln"):
                    return REWARD_NAMES
                found |= {name for path, name in self.paths.items() if path in text}
                if UNKNOWN in text and len(text) > 1:
                    found |= {name for base, name in self.names.items() if text.endswith("/" + base)}
        return frozenset(found)

    def _is_followed(self, call: Call, folder: str) -> bool:
        path = resolved(call.name, folder)
        if call.name in _TOOLS or call.name in ("", "exec"):
            return True
        return "/" in call.name and path.startswith(("/root/", "/bin/", "/usr/bin/"))

    def _write(self, names: frozenset[str], values: Values, state: State) -> None:
        if not names:
            return
        self.ever |= names
        state.written |= names
        if REWARD_TEXT in names:
            state.reward = values if values and len(names) == 1 else unknown(0)


_MODULES = ("json/tool", "compileall", "http/server", "venv", "pip", "unittest")


def is_python(call: Call) -> bool:
    """Say whether a call starts Python, other than for pytest."""
    return _PYTHON.fullmatch(call.name) is not None and not is_pytest(call)


def is_pytest(call: Call) -> bool:
    """Say whether a call runs pytest."""
    if _PYTEST.fullmatch(call.name):
        return True
    words = call.words()
    if call.name in ("uv", "uvx", "poetry", "coverage", "xvfb-run", "conda"):
        return any(_PYTEST.fullmatch(word) for word in words)
    return _PYTHON.fullmatch(call.name) is not None and "-m" in words[:-1] and words[words.index("-m") + 1] == "pytest"


def _is_constant(program: str) -> bool:
    """Say whether a program writes the reward 1.0 without looking at anything."""
    if "1" not in program or len(program) > MAX_CONSTANT_CHARS or "if " in program or "assert" in program:
        return False
    tree = read_python(program).tree
    ones = False
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, _BRANCHING) or (isinstance(node, ast.Call) and not _is_straight(node)):
            return False
        ones |= isinstance(node, ast.Constant) and str(node.value).strip() in ("1", "1.0")
    return ones


def _is_straight(node: ast.Call) -> bool:
    names: list[str] = []
    function: ast.expr = node.func
    while isinstance(function, ast.Attribute):
        names.append(function.attr)
        function = function.value
    if isinstance(function, ast.Name):
        names.append(function.id)
    return _STRAIGHT_CALLS.fullmatch(".".join(reversed(names))) is not None
