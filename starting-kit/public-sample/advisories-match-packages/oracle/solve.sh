#!/bin/bash
set -euo pipefail
cd /srv/deps
head -24 package-lock.json
head -12 Cargo.lock
# Which keys, kinds of ranges and events are there to be dealt with?
grep -rhoE '"(type|withdrawn|introduced|fixed|last_affected|versions)": ?"?[A-Z[]?' advisories | sort | uniq -c

cat > /root/match.py <<'PY'
import csv
import json
import tomllib
from pathlib import Path

DEPS = Path("/srv/deps")


def order(version):
    """Return what a version is compared by: a release comes behind its pre-releases, a number before a word."""
    release, dash, words = version.split("+")[0].partition("-")
    marks = [(0, int(word), "") if word.isdigit() else (1, 0, word) for word in words.split(".")] if dash else []
    return [int(number) for number in release.split(".")], not dash, marks


def same_name(ecosystem, name):
    return ecosystem, name.replace("_", "-") if ecosystem == "crates.io" else name


installed = set()
for key, value in json.loads((DEPS / "package-lock.json").read_text())["packages"].items():
    if "node_modules/" in key and not value.get("link") and not value.get("dev"):
        installed.add(("npm", value.get("name", key.rpartition("node_modules/")[2]), value["version"]))
for crate in tomllib.loads((DEPS / "Cargo.lock").read_text())["package"]:
    if crate.get("source", "").startswith("registry+"):
        installed.add(("crates.io", crate["name"], crate["version"]))

known = {}  # package → [(id, entry of an advisory)]
for path in sorted((DEPS / "advisories").glob("*.json")):
    advisory = json.loads(path.read_text())
    for entry in advisory["affected"] if "withdrawn" not in advisory else []:
        package = same_name(entry["package"]["ecosystem"], entry["package"]["name"])
        known.setdefault(package, []).append((advisory["id"], entry))


def events(entry):
    """Return the events of each range, by version; what begins at 0 is there from the start."""
    for found in entry.get("ranges", []):
        if found["type"] == "SEMVER":
            pairs = [pair for event in found["events"] for pair in event.items()]
            yield sorted(pairs, key=lambda pair: ([], False, []) if pair[1] == "0" else order(pair[1]))


def is_affected(version, entry):
    if any(order(version) == order(listed) for listed in entry.get("versions", [])):
        return True
    for pairs in events(entry):
        inside = False
        for kind, at in pairs:
            if at == "0" or order(at) < order(version) or (order(at) == order(version) and kind != "last_affected"):
                inside = kind == "introduced"
        if inside:
            return True
    return False


rows = []
for ecosystem, name, version in sorted(installed):
    entries = known.get(same_name(ecosystem, name), [])
    ids = sorted({found for found, entry in entries if is_affected(version, entry)})
    if ids:
        fixes = [at for _, entry in entries for pairs in events(entry) for kind, at in pairs if kind == "fixed"]
        fixes = [at for at in fixes if order(at) > order(version)]
        mended = [at for at in fixes if not any(is_affected(at, entry) for _, entry in entries)]
        rows.append((ecosystem, name, version, " ".join(ids), min(mended, key=order, default="none")))

with open("/root/affected.csv", "w", newline="") as file:
    table = csv.writer(file, lineterminator="\n")
    table.writerow(("ecosystem", "package", "version", "advisories", "mended_by"))
    table.writerows(rows)
PY

python3 /root/match.py
cat /root/affected.csv
