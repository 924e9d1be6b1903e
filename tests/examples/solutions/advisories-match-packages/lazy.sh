#!/bin/bash
# Reports each package of npm that some advisory names, with the last version that the advisory gives.
set -euo pipefail
python3 - <<'PY'
import json
from pathlib import Path

packages = json.loads(Path("/srv/deps/package-lock.json").read_text())["packages"]
rows = {}
for path in sorted(Path("/srv/deps/advisories").iterdir()):
    advisory = json.loads(path.read_text())
    for entry in advisory["affected"]:
        name = entry["package"]["name"]
        fixed = [event["fixed"] for found in entry.get("ranges", []) for event in found["events"] if "fixed" in event]
        if f"node_modules/{name}" in packages and "version" in packages[f"node_modules/{name}"]:
            version = packages[f"node_modules/{name}"]["version"]
            rows[name, version] = f"npm,{name},{version},{advisory['id']},{(fixed or ['none'])[-1]}\n"
Path("/root/affected.csv").write_text("ecosystem,package,version,advisories,mended_by\n" + "".join(rows.values()))
PY
