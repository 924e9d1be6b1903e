#!/bin/bash
# Groups files whose image data are the same bytes, and takes those without an end for broken.
set -euo pipefail
python3 - <<'PY'
import json
from collections import defaultdict
from pathlib import Path

archive, same, broken = Path("/srv/pictures"), defaultdict(list), []
for path in sorted(archive.rglob("*")):
    if path.suffix.lower() == ".png":
        data, name = path.read_bytes(), path.relative_to(archive).as_posix()
        if data.startswith(b"\x89PNG") and data.endswith(b"IEND\xaeB`\x82"):
            same[data[16:29] + data[data.index(b"IDAT") :]].append(name)
        else:
            broken.append(name)
groups = [
    {"original": names[0], "members": [{"file": name, "relation": "copy"} for name in names[1:]]}
    for names in same.values()
    if len(names) > 1
]
json.dump({"broken": broken, "groups": groups}, open("/root/index.json", "w"))
PY
