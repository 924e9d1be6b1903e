#!/bin/bash
set -euo pipefail
cd /root/lumen
cat package.json .changes/README.md packages/react/package.json
grep -h '"version"' -- */*/package.json
tail -n +1 .changes/*-*.md

cat > /root/release.py <<'PY'
import json
import re
from pathlib import Path

RANKS = {"none": 0, "patch": 1, "minor": 2, "major": 3}
TABLES = {"dependencies": "patch", "peerDependencies": "major", "devDependencies": "none"}
ROOT = Path("/root/lumen")


def numbers(version):
    return [int(part) for part in version.split(".")]


def raised(version, bump):
    major, minor, patch = numbers(version)
    if major == 0:
        bump = {"major": "minor", "minor": "patch"}.get(bump, bump)
    steps = {"major": (major + 1, 0, 0), "minor": (major, minor + 1, 0), "patch": (major, minor, patch + 1)}
    return "{}.{}.{}".format(*steps[bump])


def allows(wanted, version):
    """Say whether a range allows a version."""
    sign, base = re.fullmatch(r"(?:workspace:)?(\^|~|>=|\*|)([\d.]*)", wanted).groups()
    if not base:  # * or a bare sign behind workspace:
        return True
    low, new = numbers(base), numbers(version)
    if sign == "^":
        kept = next((place for place, number in enumerate(low) if number), 2) + 1
    else:
        kept = {"": 3, "~": 2, ">=": 0}[sign]
    return new >= low and new[:kept] == low[:kept]


# Read the packages, by name.
folders, manifests = {}, {}
for pattern in json.loads((ROOT / "package.json").read_text())["workspaces"]:
    for path in ROOT.glob(f"{pattern}/package.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        folders[manifest["name"]], manifests[manifest["name"]] = path.parent, manifest

# Read the fragments: package → [(bump, text)], in the order of their files. Path.read_text makes CRLF a plain line end.
notes = {name: [] for name in manifests}
fragments = [path for path in (ROOT / ".changes").glob("*.md") if path.name != "README.md"]
for path in sorted(fragments, key=lambda path: path.name.encode()):
    _, head, text = path.read_text(encoding="utf-8").split("---\n", 2)
    for name, bump in re.findall(r"""["'](.+)["']: (\w+)""", head):
        notes[name].append((bump, " ".join(text.split())))

# Bump until nothing changes: a new version can leave ranges of packages that are released only because of that.
bumps, done = {name: "none" for name in manifests}, False
public = [name for name in manifests if not manifests[name].get("private")]
for name in public:
    bumps[name] = max(["none", *(bump for bump, _ in notes[name])], key=RANKS.get)
while not done:
    versions = {name: raised(manifests[name]["version"], bump) for name, bump in bumps.items() if bump != "none"}
    before = dict(bumps)
    for name in public:
        for table, bump in TABLES.items():
            for other, wanted in manifests[name].get(table, {}).items():
                if other in versions and not allows(wanted, versions[other]):
                    bumps[name] = max(bumps[name], bump, key=RANKS.get)
    done = bumps == before

for name, manifest in manifests.items():
    changed = {}
    for table in TABLES:
        for other, wanted in manifest.get(table, {}).items():
            if other in versions and not allows(wanted, versions[other]):
                manifest[table][other] = re.sub(r"\d.*", versions[other], wanted)
                if table != "devDependencies":
                    changed[other] = versions[other]
    manifest["version"] = versions.get(name, manifest["version"])
    (folders[name] / "package.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if name not in versions:
        continue
    lines = [f"## {versions[name]}", ""]
    for bump in ("major", "minor", "patch"):
        texts = [f"- {text}" for kind, text in notes[name] if kind == bump]
        lines += [f"### {bump.title()}", "", *texts, ""] if texts else []
    if changed:
        lines += ["### Dependencies", "", *(f"- {other} {changed[other]}" for other in sorted(changed)), ""]
    log = folders[name] / "CHANGELOG.md"
    title, _, older = (log.read_text(encoding="utf-8") if log.exists() else f"# {name}\n").partition("\n")
    log.write_text("\n".join([title, "", *lines]) + older, encoding="utf-8")
    print(name, bumps[name], versions[name], changed)

for path in fragments:
    path.unlink()
PY

python3 /root/release.py
diff -r -U1 /srv/lumen /root/lumen || true
