#!/bin/bash
set -euo pipefail
ls /srv/prices/sheets
cat /srv/prices/weights.csv
head -n 4 /srv/prices/sheets/2024-09.csv
# Which codes and units are there, and which sheets have a quote twice?
tail -q -n +2 /srv/prices/sheets/*.csv | awk -F, '{ print $NF }' | sort | uniq -c
tail -q -n +2 /srv/prices/sheets/*.csv | grep -oE ',(g|kg|ml|l|piece),' | sort | uniq -c
for sheet in /srv/prices/sheets/*.csv; do cut -d, -f1 "$sheet" | sort | uniq -d | sed "s|^|$(basename "$sheet") |"; done

cat > /root/cpi.py <<'PY'
import csv
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from math import exp, fsum, log
from pathlib import Path

UNITS = {"g": 1000, "kg": 1, "ml": 1000, "l": 1, "piece": 1}
PRICES = Path("/srv/prices")


def published(value):
    return Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP)


def change(now, before):
    """Per cent between two published indices; decimals are exact here, floats would not be at a half."""
    return published((now - before) * 100 / before)


groups = {}  # quote → group
unit_price = {}  # quote → unit price of the month before, observed or imputed
missed = defaultdict(int)  # quote → missing months in a row
index = defaultdict(dict)  # group → month → index
months = sorted(path.stem for path in (PRICES / "sheets").glob("*.csv"))

for month in months:
    with open(PRICES / "sheets" / f"{month}.csv", newline="", encoding="utf-8") as file:
        sheet = {row["quote"]: row for row in csv.DictReader(file)}  # a lower row replaces the one above
    groups |= {quote: row["group"] for quote, row in sheet.items()}
    seen = {
        quote: float(row["price"]) / float(row["size"]) * UNITS[row["unit"]]
        for quote, row in sheet.items()
        if row["code"] not in ("M", "E")
    }
    relatives = defaultdict(list)
    for quote, price in seen.items():
        if quote in unit_price and sheet[quote]["code"] != "N" and missed[quote] <= 3:
            relatives[groups[quote]].append(log(price / unit_price[quote]))
    for group in set(groups.values()):
        logs = relatives[group]
        factor = exp(fsum(logs) / len(logs)) if logs else 1.0
        index[group][month] = index[group][before] * factor if month != months[0] else 100.0
        for quote in (q for q in unit_price if groups[q] == group and q not in seen):
            unit_price[quote] *= factor
    for quote in groups:
        missed[quote] = 0 if quote in seen else missed[quote] + 1
    unit_price |= seen
    before = month

with open(PRICES / "weights.csv", newline="", encoding="utf-8") as file:
    weights = list(csv.DictReader(file))
index["all"] = {months[0]: 100.0}
for month in months[1:]:
    year, link = month[:4], f"{int(month[:4]) - 1}-12"
    parts = [(float(row[year]), index[row["group"]]) for row in weights]
    mean = fsum(w * values[month] / values[link] for w, values in parts) / fsum(w for w, _ in parts)
    index["all"][month] = index["all"][link] * mean

with open("/root/cpi.csv", "w", newline="") as file:
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["month", "group", "index", "monthly", "annual"])
    for place, month in enumerate(months):
        for group in sorted(index):
            shown = [published(index[group][m]) for m in months[: place + 1]]
            rates = [change(shown[-1], shown[-1 - back]) if place >= back else "" for back in (1, 12)]
            table.writerow([month, group, shown[-1], *rates])
PY

python3 /root/cpi.py
wc -l /root/cpi.csv
grep -E ',all,|2025-12' /root/cpi.csv
