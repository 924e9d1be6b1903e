#!/bin/bash
# Raises what the fragments name, by the first bump that each finds, and throws the fragments away.
set -euo pipefail
cd /root/lumen
python3 - <<'PY'
import json
import re
from pathlib import Path

bumps = {}
for path in Path(".changes").glob("*-*.md"):
    bumps |= dict(re.findall(r'"(.+)": (major|minor|patch)', path.read_text()))
    path.unlink()
for path in Path().glob("*/*/package.json"):
    manifest = json.loads(path.read_text())
    if manifest["name"] in bumps:
        place = ("major", "minor", "patch").index(bumps[manifest["name"]])
        numbers = [int(part) for part in manifest["version"].split(".")]
        numbers = [*numbers[:place], numbers[place] + 1, 0, 0][:3]
        manifest["version"] = ".".join(map(str, numbers))
        path.write_text(json.dumps(manifest, indent=2) + "\n")
        log = path.with_name("CHANGELOG.md")
        log.write_text(f"# {manifest['name']}\n\n## {manifest['version']}\n\n### {bumps[manifest['name']].title()}\n\n- See the commits.\n")
PY
