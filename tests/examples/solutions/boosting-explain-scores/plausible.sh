#!/bin/bash
# Reads numbers as Python does, which knows inf, nan and 1_0, too.
set -euo pipefail
python3 - <<'PY'
text = open("/oracle/solve.sh").read()
changed = text.replace("float(text) if NUMBER.fullmatch(text) else None", "python_number(text)").replace(
    "def goes_left(",
    """def python_number(text):
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value == value else None


def goes_left(""",
)
assert changed.count("python_number") == 2
open("/tmp/solve.sh", "w").write(changed)
PY
bash /tmp/solve.sh
