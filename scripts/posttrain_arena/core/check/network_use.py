"""Recognise commands and Python calls that fetch something from the network."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from posttrain_arena.core.check.python_code import dotted
from posttrain_arena.core.check.shell.state import Call
from posttrain_arena.core.check.shell.values import UNKNOWN, Value

_LOCAL = re.compile(r"(https?|wss?)://(localhost|127\.|0\.0\.0\.0|\[::1?\])|file:", re.IGNORECASE)
_REMOTE = re.compile(r"((https?|ftp|wss?|git|ssh)://|git@)[A-Za-z0-9\[]", re.IGNORECASE)
_HOST = re.compile(
    r"(?!.*\.(?:json|txt|py|sh|csv|html?|xml|ya?ml|md)$)(?:[a-z0-9-]+\.)+[a-z]{2,}(?:[:/].*)?", re.IGNORECASE
)
_PIP = re.compile(r"(?:.*/)?pip[0-9.]*")
_PYTHON = re.compile(r"(?:.*/)?python[0-9.]*")

_INSTALLS = {
    "apt-get": {"update", "install", "upgrade", "dist-upgrade", "source", "build-dep"},
    "apt": {"update", "install", "upgrade", "full-upgrade"},
    "aptitude": {"update", "install"},
    "apk": {"add", "update", "upgrade"},
    "yum": {"install", "update"},
    "dnf": {"install", "update"},
    "microdnf": {"install", "update"},
    "brew": {"install", "update"},
    "conda": {"install", "create", "update"},
    "mamba": {"install", "create", "update"},
    "micromamba": {"install", "create", "update"},
    "npm": {"install", "i", "ci", "add", "update"},
    "pnpm": {"install", "i", "add", "dlx"},
    "yarn": {"install", "add", "dlx"},
    "gem": {"install"},
    "bundle": {"install"},
    "cargo": {"install", "add", "fetch", "update"},
    "go": {"install", "get"},
    "poetry": {"install", "add", "update"},
    "pipenv": {"install", "sync"},
    "pipx": {"install", "run"},
    "uv": {"pip", "add", "sync", "tool", "python"},
    "playwright": {"install"},
    "git": {"clone", "fetch", "pull"},
    "huggingface-cli": {"download"},
}
"""Program → what it is told to do when it needs the network."""

_ALWAYS = frozenset(("uvx", "npx", "pnpx", "bunx"))
_FETCHERS = frozenset(("curl", "wget", "aria2c"))
_OFFLINE = frozenset(("--offline", "--no-index", "--no-install", "--no", "--dry-run", "--help", "--version", "-h"))
_PYTHON_CALLS = re.compile(
    r"(?:requests|httpx)\.(?:get|post|put|head|delete|patch|request)|(?:urllib\.request\.|request\.)?(?:urlopen|urlretrieve)"
)
_RUNNERS = re.compile(r"(?:subprocess\.)?(?:run|call|check_call|check_output|Popen|getoutput)|os\.(?:system|popen)")
_TELLING = (
    *("requests.", "httpx", "urlopen", "urlretrieve", "curl", "wget", "conda", "npm", "npx", "apt-get", "apt ", "uvx"),
    *("pip ", "pip3 ", '"pip', "'pip", '"apt', "'apt", '"uv', "'uv", "uv ", "apk ", '"apk', "'apk"),
    *("git ", '"git', "'git"),
)
"""Python without any of these fetches nothing that is looked for here."""


def may_fetch(text: str) -> bool:
    """Say whether a closer look at Python is worth it."""
    return any(word in text for word in _TELLING)


def fetched_by(call: Call) -> str:
    """Return what a command fetches from the network, in words; "" where it does not, or that is not sure."""
    words = call.words()
    name = call.name.rpartition("/")[2]
    if _OFFLINE.intersection(words):
        return ""
    if _PYTHON.fullmatch(call.name) and words[:2] == ["-m", "pip"]:
        name, words = "pip", words[2:]
    if _PIP.fullmatch(name):
        return _pip(words)
    if name in _ALWAYS:
        return f"{name} fetches its package"
    if name in _FETCHERS:
        return _address(name, words)
    return _installed(name, words)


def _installed(name: str, words: list[str]) -> str:
    verb = next((word for word in words if not word.startswith("-")), "")
    if (name, verb) == ("uv", "run") and any(word.startswith("--with") for word in words):
        return "uv run --with fetches packages"
    if verb not in _INSTALLS.get(name, ()):
        return ""
    if name == "git":
        return _address("git " + verb, words) if verb == "clone" else ""
    rest = words[words.index(verb) + 1 :]
    return _pip(rest) if (name, verb) == ("uv", "pip") else f"{name} {verb} needs the network"


def _pip(words: list[str]) -> str:
    """A list of packages is fetched; files and folders are not."""
    if not {"install", "download", "wheel"}.intersection(words):
        return ""
    named = [word for word in words if not word.startswith("-") and word not in ("install", "download", "wheel")]
    paths = [word for word in named if word.startswith((".", "/", UNKNOWN)) or word.endswith((".whl", ".tar.gz"))]
    with_file = any(word in ("-r", "--requirement") for word in words)
    return "pip installs packages from the network" if with_file or len(paths) < len(named) else ""


def packages_installed(call: Call) -> frozenset[str]:
    """Return the names of the packages that pip is told to install, without versions; none for files."""
    words = call.words()
    if "install" not in words or any(word.startswith(("-r", "--requirement", "-e", "--editable")) for word in words):
        return frozenset()
    named = [word for word in words[words.index("install") + 1 :] if not word.startswith("-")]
    return frozenset(re.split(r"[=<>!~\[; ]", word.lower().replace("_", "-"), maxsplit=1)[0] for word in named)


def _address(name: str, words: list[str]) -> str:
    named = [word for word in words if not word.startswith("-")]
    remote = any(_REMOTE.match(word) and not _LOCAL.match(word) for word in named)
    if remote or (len(named) == 1 and name != "git clone" and _HOST.fullmatch(named[0])):
        return f"{name} fetches from the network"
    return ""


def fetching_lines(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the lines of Python that fetch from the network for certain, with what they do."""
    constants = _constants(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        first = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "url"), None)
        if first is None or not name:
            continue
        if _PYTHON_CALLS.fullmatch(name):
            address = _start_of(first, constants)
            if _REMOTE.match(address) and not _LOCAL.match(address):
                yield node.lineno, f"{name} fetches from the network"
        elif _RUNNERS.fullmatch(name) and (what := _started(first)):
            yield node.lineno, what


def _constants(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found |= {target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)}
    return found


def _start_of(node: ast.expr, constants: dict[str, str]) -> str:
    """Return how the text of an expression starts, "" where that is not known."""
    while True:
        if isinstance(node, ast.BinOp):
            node = node.left
        elif isinstance(node, ast.JoinedStr) and node.values:
            node = node.values[0]
        elif isinstance(node, ast.FormattedValue):
            node = node.value
        else:
            break
    if isinstance(node, ast.Constant):
        return str(node.value)
    return constants.get(node.id, "") if isinstance(node, ast.Name) else ""


def _started(node: ast.expr) -> str:
    """Return what a command that Python starts fetches."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        words = node.value.split()
    elif isinstance(node, (ast.List, ast.Tuple)):
        words = [_word(item) for item in node.elts]
    else:
        return ""
    words = words[1:] if words[:1] == ["sudo"] else words
    if not words:
        return ""
    return fetched_by(Call(script="", line=0, name=words[0], arguments=tuple((Value(word, 0),) for word in words[1:])))


def _word(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "python3" if dotted(node) == "sys.executable" else UNKNOWN
