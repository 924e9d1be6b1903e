"""Score the mended library and what goes with it: all of it right, or up to a half for the faults that are mended.

    python3 score.py ctrf.json
"""

import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import truth

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
NAME = "{{ library }}"
KEPT = json.loads(Path(__file__).with_name("library.json").read_text(encoding="utf-8"))
CPU_SEC, WALL_SEC = 10, 20
MEMORY_BYTES, OUTPUT_BYTES = 300 * 1024 * 1024, 4 * 1024 * 1024


class Refused(Exception):
    """A file of the agent that earns nothing; the message says why."""


def read(path, most=100_000):
    """Return the text of a file of the workspace."""
    place = WORKSPACE / path
    if any((WORKSPACE / part).is_symlink() for part in [path, *Path(path).parents]) or not place.is_file():
        raise Refused(f"{path} is missing")
    if place.stat().st_size > most:
        raise Refused(f"{path} is far too long")
    try:
        return place.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{path} is no text") from None


def modules():
    """Return path → text of the library's modules as the agent left them."""
    folder, found = Path(NAME, NAME), {}
    for place, _, names in os.walk(WORKSPACE / folder):
        for name in sorted(name for name in names if name.endswith(".py")):
            path = Path(place, name).relative_to(WORKSPACE)
            found[path.relative_to(NAME).as_posix()] = read(path)
            if len(found) > 30:
                raise Refused("there are too many modules")
    return found


def limit():
    """Limit the process that is about to start."""
    limits = {resource.RLIMIT_CPU: CPU_SEC, resource.RLIMIT_AS: MEMORY_BYTES, resource.RLIMIT_FSIZE: OUTPUT_BYTES}
    for what, most in {**limits, resource.RLIMIT_CORE: 0}.items():
        resource.setrlimit(what, (most, most))


def outcomes(sources, calls):
    """Return the outcomes of calls as texts, made in one confined process that knows no answer; None where it fails."""
    texts = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): text for path, text in sources.items()}
    argv = [sys.executable, "-I", "-B", str(Path(__file__).with_name("confined.py"))]
    quiet = {"stderr": subprocess.DEVNULL, "env": {"LANG": "C.UTF-8"}, "timeout": WALL_SEC, "check": False}
    with tempfile.TemporaryFile() as written:
        try:
            asked = json.dumps({"library": NAME, "sources": texts, "calls": calls}).encode()
            subprocess.run(argv, input=asked, stdout=written, preexec_fn=limit, **quiet)
            written.seek(0)
            found = [json.dumps(one, sort_keys=True) for one in json.loads(written.read(OUTPUT_BYTES))]
        except (subprocess.TimeoutExpired, ValueError, TypeError, RecursionError):
            return None
    return found if len(found) == len(calls) else None


def right(name, arguments):
    """Return the outcome that a call should have."""
    kept = json.dumps(arguments)
    try:
        found = {"result": getattr(truth, name)(*arguments)}
    except truth.Wrong:
        found = {"error": truth.ERROR}
    return json.dumps({**found, "arguments": json.loads(kept)}, sort_keys=True)


def same(left, wanted):
    """Say whether two outcomes are equal; after an error the arguments do not matter."""
    one, other = json.loads(left), json.loads(wanted)
    return left == wanted or ("error" in other and isinstance(one, dict) and one.get("error") == other["error"])


def differing(found, wanted):
    """Return the numbers of the calls whose outcomes differ."""
    return {number for number, pair in enumerate(zip(found, wanted)) if not same(*pair)}


def with_fault(bug):
    """Return the library with one fault alone."""
    return {**KEPT["sound"], bug["file"]: KEPT["sound"][bug["file"]].replace(bug["sound"], bug["broken"])}


{% if handover == "culprits" %}
def handed_over():
    """Raise Refused where the culprits are others."""
    if read("culprits.txt").split() != sorted(bug["culprit"] for bug in KEPT["bugs"]):
        raise Refused("the culprits are others")
{% elif handover == "release" %}
def handed_over():
    """Raise Refused where the release is not made."""
    if outcomes(modules(), [["__version__", []]]) != [json.dumps({"arguments": [], "result": "{{ new }}"}, sort_keys=True)]:
        raise Refused("__version__ is another one")
    head, mark, tail = read(f"{NAME}/CHANGELOG.md").partition("## {{ old }}\n")
    before, _, after = KEPT["changelog"].partition("## {{ old }}\n")
    start, title, section = head.partition("## {{ new }}\n")
    told = [line for line in section.split("\n") if line.strip()]
    if not (mark and title) or start.strip() != before.strip() or tail.rstrip() != after.rstrip():
        raise Refused("CHANGELOG.md lacks the section, or something else in it changed")
    if len(told) != len(KEPT["bugs"]) or not all(re.match(r"- \w", line) for line in told):
        raise Refused("the section of CHANGELOG.md has another number of lines")
{% else %}
def examples():
    """Return the calls and the outcomes of the agent's examples."""
    try:
        found = json.loads(read("examples.json", 20_000))
    except (ValueError, RecursionError):
        raise Refused("examples.json is no JSON") from None
    if not isinstance(found, list) or not 0 < len(found) <= 20:
        raise Refused("examples.json is no list of 1 to 20")
    for one in found:
        if not isinstance(one, dict) or one.keys() not in ({"function", "arguments", "result"}, {"function", "arguments", "error"}):
            raise Refused("an example has other keys")
        if not isinstance(one["function"], str) or one["function"] not in KEPT["public"] or not isinstance(one["arguments"], list):
            raise Refused("an example calls nothing that README.md describes")
    told = [json.dumps({key: one[key] for key in one if key != "function"}, sort_keys=True) for one in found]
    return [[one["function"], one["arguments"]] for one in found], told


def handed_over():
    """Raise Refused where the examples are wrong, or miss a fault."""
    calls, told = examples()
    truly = outcomes(KEPT["sound"], calls)
    if truly is None or differing(truly, told):
        raise Refused("an example is not right")
    for bug in KEPT["bugs"]:
        found = outcomes(with_fault(bug), calls)
        if found is not None and not differing(found, told):
            raise Refused("the examples miss a fault")
{% endif %}


def judge():
    """Return the reward as a fraction, and what is to be said of it."""
    calls = truth.cases(random.Random(20250314))
    wanted = [right(*json.loads(json.dumps(call))) for call in calls]
    try:
        found = outcomes(modules(), calls)
        if found is None:
            raise Refused("the library cannot be imported, or used up its time or memory")
    except Refused as refused:
        return Fraction(0), str(refused)
    wrong = differing(found, wanted)
    if wrong:
        faults = [differing(outcomes(with_fault(bug), calls), wanted) for bug in KEPT["bugs"]]
        mended = sum(not wrong & fault for fault in faults)
        broke = wrong - set().union(*faults)
        share = Fraction(0) if broke else Fraction(mended, 2 * len(faults))
        return share, f"{len(wrong)} calls are wrong; {mended} of {len(faults)} faults are mended"
    try:
        handed_over()
    except Refused as refused:
        return Fraction(1, 2), str(refused)
    return Fraction(1), "all of it is right"


def main():
    reward, message = judge()
    passed = int(reward == 1)
    none = dict.fromkeys(("pending", "skipped", "other", "start", "stop"), 0)
    test = {"name": "library", "status": "passed" if passed else "failed", "duration": 0, "message": message}
    summary = {"tests": 1, "passed": passed, "failed": 1 - passed, **none}
    results = {"tool": {"name": "score.py"}, "summary": summary, "tests": [test]}
    Path(sys.argv[1]).write_text(json.dumps({"results": results}) + "\n", encoding="utf-8")
    print(round(float(reward), 4))


if __name__ == "__main__":
    main()
