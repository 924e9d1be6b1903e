"""A small library with faults put in, its tests, and what calls of it give as it is and as it should be."""

import json
import re
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

LIBRARIES = Path(__file__).with_name("libraries")
PARTS = ("reading", "working", "showing")
RUN = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
library = importlib.import_module(sys.argv[2])
told = []
for name, arguments in json.load(sys.stdin):
    try:
        told.append(["result", repr(getattr(library, name)(*arguments)), repr(arguments)])
    except Exception as error:
        told.append(["error", type(error).__name__, repr(arguments)])
json.dump(told, sys.stdout)
"""


def outcomes(name, sources, calls):
    """Return what calls of a library give: ["result" or "error", what, the arguments afterwards] for each, as texts."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in sources.items():
            place = Path(folder, path)
            place.parent.mkdir(exist_ok=True)
            place.write_text(text, encoding="utf-8")
        argv = [sys.executable, "-I", "-B", "-c", RUN, folder, name]
        done = subprocess.run(argv, input=json.dumps(calls), capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def edited(text, old, new):
    """Return a text with one place of it changed."""
    if text.count(old) != 1:
        raise ValueError(f"{old!r} is there {text.count(old)} times")
    return text.replace(old, new)


def written(name, call):
    """Return a call as Python has it."""
    return f"{name}.{call[0]}({', '.join(map(repr, call[1]))})"


def told(name, call, is_now, should):
    """Return what a call gives, and what it should give, as a sentence."""
    ways = {"result": "gives `{}`", "error": "raises `{}`"}
    now, right = (ways[one[0]].format(one[1]) for one in (is_now, should))
    if now == right:
        return f"`{written(name, call)}` {now}, as it should, but leaves its arguments as `{is_now[2][1:-1]}`."
    return f"`{written(name, call)}` {now}. When all is well it {right}."


def failing_test(name, bug):
    """Return a test that fails because of a bug."""
    lines = [f"def {bug['test']}():"]
    for call, right in zip(bug["calls"], bug["right"], strict=True):
        lines.append(f"    arguments = {call[1]!r}")
        run = f"{name}.{call[0]}(*arguments)"
        if right[0] == "error":
            lines += [f"    with pytest.raises({name}.{right[1]}):", f"        {run}"]
        else:
            lines += [f"    assert {run} == {right[1]}", f"    assert arguments == {call[1]!r}"]
    return "\n".join(lines) + "\n"


def make(values, random):
    """Return the faults and the versions, and the files of the library and of the verifier."""
    name = values["library"]
    folder = LIBRARIES / name
    table = runpy.run_path(str(folder / "bugs.py"))["BUGS"]
    sound = {f"{name}/{path.name}": path.read_text(encoding="utf-8") for path in sorted((folder / name).glob("*.py"))}
    version = [random.randrange(1, 4), random.randrange(0, 9), random.randrange(1, 30)]
    old, new = (".".join(map(str, [*version[:2], version[2] + step])) for step in (0, 1))
    sound[f"{name}/__init__.py"] += f'__version__ = "{old}"\n'
    bugs, broken = [], dict(sound)
    for part in PARTS:
        if values[part] != "sound":
            path = f"{name}/{part}.py"
            bug = {**table[part][values[part]], "file": path, "part": part}
            broken[path] = edited(broken[path], bug["sound"], bug["broken"])
            bug["test"] = "test_" + re.sub("[^a-z0-9]+", "_", bug["title"].lower())
            bug["right"] = outcomes(name, sound, bug["calls"])
            bugs.append(bug)
    for bug in bugs:
        wrong = outcomes(name, broken, bug["calls"])
        if wrong[-1] == bug["right"][-1]:
            raise ValueError(f"the calls of {bug['title']!r} do not show it")
        bug["example"] = told(name, bug["calls"][-1], wrong[-1], bug["right"][-1])
        bug["before"] = [written(name, call) for call in bug["calls"][:-1]]
        bug["culprit"] = f"{bug['part']}.{bug['function']}"
    tests = {path.name: path.read_text(encoding="utf-8") for path in sorted((folder / "tests").glob("*.py"))}
    if values["evidence"] == "failures":
        reported = [failing_test(name, bug) for bug in bugs]
        tests["test_reported.py"] = "\n\n".join([f"import pytest\nimport {name}\n", *reported])
    changelog = f"# Changelog\n\n## {old}\n\n- Faster.\n\n## {version[0]}.0.0\n\n- The first one that is any good.\n"
    inside = {"README.md": (folder / "README.md").read_text(encoding="utf-8"), "CHANGELOG.md": changelog, **broken}
    inside |= {f"tests/{path}": text for path, text in tests.items()}
    files = {f"environment/library/{path}": text for path, text in inside.items()}
    files["verifier/truth.py"] = (folder / "truth.py").read_text(encoding="utf-8")
    edits = [{key: bug[key] for key in ("file", "sound", "broken", "culprit")} for bug in bugs]
    public = re.findall(r"^- `(\w+)\(", inside["README.md"], re.MULTILINE)
    kept = {"sound": sound, "bugs": edits, "changelog": changelog, "public": public}
    files["verifier/library.json"] = json.dumps(kept, indent=1) + "\n"
    words = {"bugs": bugs, "table": table, "old": old, "new": new, "count": ("one", "two", "three")[len(bugs) - 1]}
    words["calls"] = [call for bug in bugs for call in bug["calls"]]
    return words, files
