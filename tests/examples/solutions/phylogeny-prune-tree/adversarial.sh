#!/bin/bash
# Hands in a tree nested without end, a comment and a quote that do not end, lengths that compare as anything, every tip with
# every reason, and a reader of its own.
set -euo pipefail
mkdir -p /root/trees
cd /root/trees
python3 - <<'PY'
import csv

open("nd2.nwk", "w").write("(" * 45000 + "a" + ")" * 45000 + ";")
open("cytb.nwk", "w").write("[&R ((a,b),'c")
open("16s.nwk", "w").write("(" + ",".join("('':nan,'':1e999)NaN:-inf" for _ in range(3000)) + ");")
labels = [line.split("\t")[0] for line in open("/srv/phylogeny/specimens.tsv", encoding="utf-8")][1:]
with open("dropped.csv", "w", encoding="utf-8", newline="") as file:
    table = csv.writer(file)
    table.writerow(["locus", "label", "reason"])
    for locus in ("nd2", "cytb", "rag1", "16s"):
        table.writerows((locus, label, reason) for label in labels for reason in ("status", "short", "duplicate"))
PY
ln -s /verifier/data/rag1.nwk rag1.nwk
cat > newick.py <<'PY'
class Reader:
    def __init__(self, text):
        raise SystemExit(0)
PY
cp newick.py ../newick.py
