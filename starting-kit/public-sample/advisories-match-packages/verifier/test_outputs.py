"""Compare the table of a trial, line by line, with what the advisories in the pristine image say."""

import csv
import functools
import json
import os
import re
import tomllib
from pathlib import Path

TABLE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "affected.csv"
DEPS = Path("/srv/deps")
HEADER = ["ecosystem", "package", "version", "advisories", "mended_by"]
VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")


def compare(one, other):
    """Return a number below, equal to or above 0, by the eleventh rule of Semantic Versioning."""
    left, right = VERSION.fullmatch(one), VERSION.fullmatch(other)
    for part in (1, 2, 3):
        if left[part] != right[part]:
            return int(left[part]) - int(right[part])
    if None in (left[4], right[4]):
        return (left[4] is None) - (right[4] is None)
    words, others = left[4].split("."), right[4].split(".")
    for word, another in zip(words, others):
        if word != another:
            if word.isdigit() and another.isdigit():
                return int(word) - int(another)
            if word.isdigit() or another.isdigit():
                return another.isdigit() - word.isdigit()
            return 1 if word > another else -1
    return len(words) - len(others)


def spans(events):
    """Return (first, end, whether the end is in it) of each span of a range; None is before or after all versions."""
    starts = [event["introduced"] for event in events if "introduced" in event]
    ends = [
        (event[kind], kind == "last_affected")
        for event in events
        for kind in ("fixed", "last_affected")
        if kind in event
    ]
    for start in starts:
        first = None if start == "0" else start
        later = [end for end in ends if first is None or compare(end[0], first) > 0 or (end[1] and end[0] == first)]
        later.sort(key=functools.cmp_to_key(lambda a, b: compare(a[0], b[0])))
        yield first, *(later[0] if later else (None, False))


def holds(span, version):
    """Return whether a version lies in a span."""
    first, end, included = span
    behind = first is None or compare(version, first) >= 0
    return behind and (end is None or compare(version, end) < 0 or (included and compare(version, end) == 0))


def shipped():
    """Return every (ecosystem, package, version) that is shipped."""
    found = set()
    for key, value in json.loads((DEPS / "package-lock.json").read_text(encoding="utf-8"))["packages"].items():
        *_, name = re.split(r"(?:^|/)node_modules/", key)
        if name != key and value.get("link") is not True and value.get("dev") is not True:
            found.add(("npm", value.get("name") or name, value["version"]))
    for package in tomllib.loads((DEPS / "Cargo.lock").read_text(encoding="utf-8"))["package"]:
        if "source" in package and package["source"].split("+")[0] == "registry":
            found.add(("crates.io", package["name"], package["version"]))
    return found


def matching(ecosystem, name):
    """Return (id, entry) of what counting advisories say of a package."""
    spelling = (lambda text: re.sub("[-_]", "-", text)) if ecosystem == "crates.io" else str
    found = []
    for path in (DEPS / "advisories").iterdir():
        advisory = json.loads(path.read_text(encoding="utf-8"))
        if not advisory.get("withdrawn"):
            for entry in advisory["affected"]:
                named = entry["package"]
                if named["ecosystem"] == ecosystem and spelling(named["name"]) == spelling(name):
                    found.append((advisory["id"], entry))
    return found


def ranges(entry):
    """Return the events of each range that matters."""
    return [found["events"] for found in entry.get("ranges", ()) if found["type"] == "SEMVER"]


def hit_by(version, entries):
    """Return the ids of the advisories that affect a version."""
    return {
        name
        for name, entry in entries
        if any(compare(version, listed) == 0 for listed in entry.get("versions", ()))
        or any(holds(span, version) for events in ranges(entry) for span in spans(events))
    }


@functools.cache
def expected():
    """Return (ecosystem, package, version) → (ids, what mends it)."""
    found = {}
    for ecosystem, name, version in shipped():
        entries = matching(ecosystem, name)
        ids = hit_by(version, entries)
        if ids:
            best = "none"
            for event in [event for _, entry in entries for events in ranges(entry) for event in events]:
                fixed = event.get("fixed")
                better = fixed and compare(fixed, version) > 0 and (best == "none" or compare(fixed, best) < 0)
                if better and not hit_by(fixed, entries):
                    best = fixed
            found[ecosystem, name, version] = (" ".join(sorted(ids)), best)
    return found


def rows():
    """Return the rows below the header of the table that the agent wrote."""
    assert TABLE.is_file() and not TABLE.is_symlink(), f"{TABLE} is missing"
    assert TABLE.stat().st_size < 50_000, f"{TABLE} is far too long"
    found = list(csv.reader(TABLE.read_text(encoding="utf-8").splitlines()))
    assert found and found[0] == HEADER, f"the header must be {','.join(HEADER)}"
    found = [row for row in found[1:] if row]
    assert all(len(row) == len(HEADER) for row in found), "every line has five values"
    assert len({tuple(row[:3]) for row in found}) == len(found), "a version of a package is there twice"
    return found


def test_affected_versions():
    assert {tuple(row[:3]) for row in rows()} == set(expected())


def test_advisories():
    assert {tuple(row[:3]): row[3] for row in rows()} == {key: ids for key, (ids, _) in expected().items()}


def test_mended_by():
    assert {tuple(row[:3]): row[4] for row in rows()} == {key: best for key, (_, best) in expected().items()}
