#!/bin/bash
# Hands in a workbook of the right form with headers alone.
set -euo pipefail
python3 - <<'PY'
import sys

sys.path.insert(0, "/srv/skills/xlsx-with-python/scripts")
from write_xlsx import write_xlsx

invoice = [["Project", "Person", "Hours", "Amount"], ["Total", None, 0, 0]]
write_xlsx("/root/invoice.xlsx", {"Invoice": invoice, "Queries": [["Person", "Row", "Query"]]})
PY
