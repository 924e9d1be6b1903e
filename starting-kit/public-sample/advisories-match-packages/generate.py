"""Write the lock files and the advisories of this task.

    python3 generate.py

The same seed gives the same bytes. All packages and advisories are made up. The agent never sees this file, which says what
each package is there for.
"""

import base64
import json
import random
from pathlib import Path

DEPS = Path(__file__).resolve().parent / "environment" / "deps"
SEED = 20250221

NPM = """
query-fold 6.5.2
apihost/query-fold 6.7.0
apihost/body-read/query-fold 6.7.3
apihost 4.18.2
paneldock 4.0.0-rc.2
gridlock-ui 2.0.0-beta.11
tabset 1.0.0-alpha.1
sheetwright 3.0.0-rc.1
wireframe 1.10.0
@quillon/parse 3.1.0
@quillon/format 3.1.0
@quillon/cli 3.1.0 dev
old-render 2.4.1 name=render-kit
render-kit 3.0.2
linter-pack 8.1.0 dev
linter-pack/glob-wide 7.1.6 dev
glob-wide 8.0.3
mailbuild 5.2.0
mailbuild/mime-line 1.4.0
mime-line 2.0.0
chart-wisp 1.2.4
chart-wisp/colour-scale 0.9.0
colour-scale 1.1.0
formcast 2.3.1
leftlane 1.0.0
ring-buffer 0.17.8
routekit 6.0.0
routekit/path-match 1.8.0
path-match 0.1.7
deep-fill 4.2.3
stream-cork 2.0.1
stream-cork/safe-bytes 5.1.2
safe-bytes 5.2.1
jwt-lite 8.5.1
cookie-cut 0.4.2
session-box 1.17.3
image-trim 0.30.2
upload-gate 1.4.5-lts.1
yaml-tiny 2.0.0-5
socket-hub 4.5.0
socket-hub/wsline 8.11.0
wsline 8.17.1
html-scrub 2.7.0
""".split("\n")

CRATES = """
ring-buffer 0.16.20
ring-buffer 0.17.8
sslbind-src 300.1.6+3.1.4
sslbind 0.10.55
clockwork_core 0.4.24
serde-lanes 1.0.190
http-early 0.14.26
tokio-lanes 1.29.1
wasm-shim 0.11.0+preview1
regex-trail 1.8.3
time-zonal 0.1.45
time-zonal 0.3.21
smallbag 1.10.0
bytes-pool 1.4.0
crossway 0.8.1
owning-cell 0.4.1
shop-core 0.3.0 own
shop-service 0.3.0 own
hyperlane 0.3.20 git
term-tint 0.1.4
memo-map 2.5.0
tls-native 0.21.0-alpha.6
zip-walk 0.6.4
yaml-tiny 0.8.26
xml-pull 0.7.12
""".split("\n")


def semver(*events, kind="SEMVER"):
    """Return a range of events such as '+1.0.0' (introduced), '-1.2.0' (fixed) and '=1.1.9' (last affected)."""
    words = {"+": "introduced", "-": "fixed", "=": "last_affected"}
    return {"type": kind, "events": [{words[event[0]]: event[1:]} for event in events]}


def entry(ecosystem, name, *ranges, versions=()):
    """Return an affected package."""
    found = {"package": {"ecosystem": ecosystem, "name": name}}
    if ranges:
        found["ranges"] = list(ranges)
    if versions:
        found["versions"] = list(versions)
    return found


def npm(name, *ranges, **more):
    return entry("npm", name, *ranges, **more)


def crate(name, *ranges, **more):
    return entry("crates.io", name, *ranges, **more)


GIT = semver("+0", "-8f1c2b7d0e9a44f1b6c3a5d2e7f80912c4b6a1d3", kind="GIT")
ADVISORIES = [
    # Two branches; the events are not in order. 6.7.3 is mended.
    ("Prototype pollution in query-fold", npm("query-fold", semver("-6.7.3", "+6.6.0", "-6.5.3", "+0"))),
    # A release candidate comes before the release.
    ("Script injection in paneldock", npm("paneldock", semver("+3.2.0", "-4.0.0"))),
    # beta.11 comes after beta.2, rc.1 before the release in which it was introduced.
    ("Open redirect in gridlock-ui", npm("gridlock-ui", semver("+1.0.0", "-2.0.0-beta.2"))),
    ("Formula injection in sheetwright", npm("sheetwright", semver("+3.0.0", "-3.0.4"))),
    # Numbers come before words, fewer words before more.
    ("Denial of service in tabset", npm("tabset", semver("+1.0.0-alpha", "-1.0.0-alpha.beta"))),
    ("Denial of service in upload-gate", npm("upload-gate", semver("+1.4.5-lts", "-1.4.5-lts.2"))),
    ("Unsafe load in yaml-tiny", npm("yaml-tiny", semver("+2.0.0-4", "-2.0.0-10"))),
    # 1.10 is more than 1.9.
    ("Path traversal in wireframe", npm("wireframe", semver("+1.0.0", "-1.9.4"))),
    # Scopes, several packages in one advisory, development alone.
    (
        "Backtracking in the quillon packages",
        npm("@quillon/parse", semver("+0", "-3.1.1")),
        npm("@quillon/format", semver("+0", "-3.0.9")),
        npm("@quillon/cli", semver("+0", "-3.1.1")),
    ),
    ("Backtracking in glob-wide", npm("glob-wide", semver("+0", "-7.2.3"))),
    # An alias is called what it is.
    ("Template injection in render-kit", npm("render-kit", semver("+2.0.0", "-2.5.0"))),
    ("Malware in old-render", npm("old-render", semver("+0"))),
    # The shop's own package, which somebody registered elsewhere.
    ("Malware in @shop/web", npm("@shop/web", semver("+0"))),
    ("Malware in shop-core", crate("shop-core", semver("+0"))),
    # Nothing mends it; the last affected version is affected.
    ("Header injection in mailbuild", npm("mailbuild", semver("+4.0.0", "=5.2.0"))),
    ("Header injection in mime-line", npm("mime-line", semver("+1.0.0", "=1.3.9", "+2.0.0"))),
    # Versions one by one, and a range of another type.
    ("Malware in chart-wisp", npm("chart-wisp", GIT, versions=["1.2.0", "1.2.4"])),
    ("Malware in colour-scale", npm("colour-scale", GIT, versions=["1.1.1"])),
    # What mends one is affected by the next: 2.3.4, 2.4.2 and then 2.4.3.
    ("Missing check in formcast", npm("formcast", semver("+0", "-2.3.4"))),
    ("Missing check in formcast, again", npm("formcast", semver("+2.3.4", "-2.4.2"))),
    ("Race in formcast", npm("formcast", semver("+2.4.0", "-2.4.3"))),
    # Withdrawn: 2.4.3 is fine, and so is leftlane; nothing that it names mends jwt-lite.
    ("Disputed: race in formcast", npm("formcast", semver("+2.4.3", "-3.0.0"))),
    ("Disputed: timing in leftlane", npm("leftlane", semver("+0", "-1.0.1"))),
    ("Disputed: algorithm confusion in jwt-lite", npm("jwt-lite", semver("+0", "-8.5.2"))),
    ("Algorithm confusion in jwt-lite", npm("jwt-lite", semver("+0", "-9.0.0"))),
    # Two entries for one package; the lesser version mends another branch, and is older than the installed one.
    (
        "Smuggling in socket-hub",
        npm("socket-hub", semver("+4.0.0", "-4.6.2")),
        npm("socket-hub", semver("+3.0.0", "-3.4.2")),
        npm("wsline", semver("+8.0.0", "-8.17.1"), semver("+7.0.0", "-7.5.10")),
    ),
    # Two advisories at once; each is mended by another version.
    ("Decompression bomb in image-trim", npm("image-trim", semver("+0", "-0.30.5"))),
    ("Heap overflow in image-trim", npm("image-trim", semver("+0.20.0", "-0.32.6"))),
    # One name in two ecosystems, and two versions of a crate.
    ("Overflow in ring-buffer", crate("ring-buffer", semver("+0", "-0.17.5"))),
    ("Panic in ring-buffer", crate("ring-buffer", semver("+0.17.0", "-0.17.12"))),
    ("Out of memory in yaml-tiny", crate("yaml_tiny", semver("+0.8.0", "=0.8.25"), semver("+0.8.26"))),
    # Build metadata makes no difference.
    ("Invalid pointer in sslbind-src", crate("sslbind_src", semver("+300.0.0", "-300.1.6"))),
    (
        "Memory leak in sslbind-src",
        crate("sslbind-src", semver("+300.1.0", "-300.1.7+3.1.5"), semver("+0", "-111.25.0")),
    ),
    ("Wrong clock in wasm-shim", crate("wasm-shim", versions=["0.10.2", "0.11.0"])),
    # Names of crates.
    ("Segfault in clockwork-core", crate("clockwork-core", semver("+0.4.10", "-0.4.31"))),
    ("Segfault in time-zonal", crate("time-zonal", semver("+0.1.0", "-0.2.23"))),
    # Not from the registry.
    ("Resets in hyperlane", crate("hyperlane", semver("+0", "-0.3.24"))),
    # A pre-release mends it.
    (
        "Name check in tls-native",
        crate("tls-native", semver("+0.20.0", "-0.21.0-alpha.10", "+0.21.0-beta.1", "-0.21.0")),
    ),
    ("Symbolic links in zip-walk", crate("zip_walk", semver("+1.3.0", "-2.3.0"))),
    ("Unaligned read in term-tint", crate("term-tint", semver("+0"))),
    ("Unsound drop in owning-cell", crate("owning-cell", semver("+0", "=0.4.1"), semver("+0.4.1", "-0.4.2"))),
    ("Unsound drop in owning-cell, again", crate("owning_cell", semver("+0.4.2"))),
    # A range that begins where the mended one of the other ends.
    ("Slow match in path-match", npm("path-match", semver("+0", "-0.1.10"), semver("+1.0.0", "-1.9.0"))),
]
WITHDRAWN = "Disputed: "


def package_lock(rng):
    """Return the lock file of npm."""
    packages = {
        "": {"name": "shop", "version": "0.3.0", "workspaces": ["apps/*"]},
        "apps/web": {
            "name": "@shop/web",
            "version": "1.3.0",
            "dependencies": {"apihost": "^4.18.0", "formcast": "^2.3.0"},
        },
        "node_modules/@shop/web": {"resolved": "apps/web", "link": True},
    }
    for line in filter(None, NPM):
        path, version, *flags = line.split(" ")
        parts = [path] if path.startswith("@") else path.split("/")
        name = parts[-1]
        value = {"version": version}
        for flag in flags:
            if flag == "dev":
                value["dev"] = True
            else:
                value["name"] = name = flag.partition("=")[2]
        value["resolved"] = f"https://registry.example/{name}/-/{name.split('/')[-1]}-{version}.tgz"
        value["integrity"] = "sha512-" + base64.b64encode(rng.randbytes(64)).decode()
        value["license"] = rng.choice(["MIT", "MIT", "ISC", "BSD-3-Clause"])
        packages["".join(f"node_modules/{part}/" for part in parts).rstrip("/")] = value
    ordered = dict(sorted(packages.items()))
    return {"name": "shop", "version": "0.3.0", "lockfileVersion": 3, "requires": True, "packages": ordered}


def cargo_lock(rng):
    """Return the lock file of Cargo."""
    text = "# This file is automatically @generated by Cargo.\n# It is not intended for manual editing.\nversion = 3\n"
    for line in sorted(filter(None, CRATES)):
        name, version, *where = line.split(" ")
        text += f'\n[[package]]\nname = "{name}"\nversion = "{version}"\n'
        if where == ["git"]:
            text += f'source = "git+https://git.example/{name}?branch=main#{rng.randbytes(20).hex()}"\n'
        elif not where:
            text += 'source = "registry+https://index.example/crates"\n'
            text += f'checksum = "{rng.randbytes(32).hex()}"\n'
        if name == "shop-service":
            text += 'dependencies = [\n "shop-core",\n "tokio-lanes",\n "time-zonal 0.3.21",\n]\n'
    return text


def main():
    rng = random.Random(SEED)
    (DEPS / "advisories").mkdir(parents=True, exist_ok=True)
    lock = json.dumps(package_lock(rng), indent=2, ensure_ascii=False) + "\n"
    (DEPS / "package-lock.json").write_text(lock, encoding="utf-8", newline="\n")
    (DEPS / "Cargo.lock").write_text(cargo_lock(rng), encoding="utf-8", newline="\n")
    numbers = rng.sample(range(1000, 9999), len(ADVISORIES))
    for number, (summary, *affected) in zip(numbers, ADVISORIES, strict=True):
        day = f"2024-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}T{rng.randrange(24):02d}:00:00Z"
        document = {"schema_version": "1.6.0", "id": f"SHOPSEC-2024-{number}", "published": day, "modified": day}
        if summary.startswith(WITHDRAWN):
            document["withdrawn"] = "2025-01-15T09:30:00Z"
        document |= {"summary": summary.removeprefix(WITHDRAWN), "affected": affected}
        path = DEPS / "advisories" / f"{document['id']}.json"
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
