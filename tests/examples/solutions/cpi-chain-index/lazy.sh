#!/bin/bash
# Publishes the average price of each group, December 2023 = 100, and the mean of the groups for all items.
set -euo pipefail
python3 - <<'PY'
import csv
from collections import defaultdict
from pathlib import Path

shown = defaultdict(dict)
for path in sorted(Path("/srv/prices/sheets").glob("*.csv")):
    prices = defaultdict(list)
    for row in csv.DictReader(path.open(encoding="utf-8")):
        if row["price"]:
            prices[row["group"]].append(float(row["price"]))
    for group, found in prices.items():
        shown[group][path.stem] = sum(found) / len(found)
months = sorted(shown["01.1.1"])
for group, levels in shown.items():
    levels |= {month: 100 * levels.get(month, levels[months[0]]) / levels[months[0]] for month in reversed(months)}
shown["all"] = {month: sum(levels[month] for levels in shown.values()) / len(shown) for month in months}
with open("/root/cpi.csv", "w") as file:
    print("month,group,index,monthly,annual", file=file)
    for place, month in enumerate(months):
        for group, levels in shown.items():
            rates = [
                f"{100 * levels[month] / levels[months[place - back]] - 100:.1f}" if place >= back else ""
                for back in (1, 12)
            ]
            print(month, group, f"{levels[month]:.1f}", *rates, sep=",", file=file)
PY
