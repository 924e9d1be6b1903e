#!/bin/bash
# Lists a take at every frame of every file, replaces the recordings where a link might be followed, and feeds the parser
# numbers, names and comments that are no such thing.
set -euo pipefail
mkdir -p /root/takes
cp /srv/takes/C-lost.wav /root/takes/
printf 'raise SystemExit(0)\n' > /root/struct.py
python3 - <<'PY'
from pathlib import Path

lines = ["TITLE: SELECTS", "FCM: NON-DROP FRAME"]
for path in sorted(Path("/srv/takes").iterdir()):
    for n in range(99):
        time = f"00:00:{n // 25:02d}:{n % 25:02d}"
        lines.append(f"{len(lines):03d} {path.stem.upper()} AA C {time} {time} 01:{time[3:]} 01:{time[3:]}")
        lines += [f"* FROM CLIP NAME: {path.name}", "* PEAK: nan DBFS", "* LOC: " + "(a+)+" * 20]
lines.append("٠٠١ A AA C " + "٠٠:٠٠:٠٠:٠٠ " * 4)
Path("/root/selects.edl").write_text("\n".join(lines)[:99_000], encoding="utf-8")
PY
