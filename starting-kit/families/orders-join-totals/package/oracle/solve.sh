#!/bin/bash
set -euo pipefail
head -n 4 {{ place }}/*.csv

cat > /root/report.py <<'PY'
import csv
import json
import re
from collections import defaultdict
from statistics import median

def rows(name, separator=","):
    with open(f"{{ place }}/{name}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=separator))

{% if amounts == "european" %}
def cents(line):
    euros, part = line["amount"].replace(".", "").split(",")
    return int(euros) * 100 + int(part)
{% elif amounts == "brackets" %}
def cents(line):
    digits = int(re.sub(r"\D", "", line["amount"]))
    return -digits if line["amount"].startswith("(") else digits
{% else %}
RATES = {line["currency"]: line["rate"] for line in rows("rates")}

def cents(line):
    # Whole numbers all the way: the rate has at most five decimals.
    whole, _, decimals = RATES[line["currency"]].partition(".")
    rate = int(whole) * 100000 + int(decimals.ljust(5, "0"))
    return (int(line["amount"].replace(".", "")) * rate + 50000) // 100000
{% endif %}

{% if key == "spelling" %}
def key_of(typed):
    return "".join(typed.split()).upper()
{% elif key == "zeros" %}
def key_of(typed):
    letter, number = re.fullmatch(r"([A-Z])\W?0*(\d+)", typed).groups()
    return f"{letter}-{int(number):04d}"
{% elif key == "check-digit" %}
def key_of(typed):
    key, check = typed[:-1], int(typed[-1])
    total = sum(int(digit) for digit in key if digit.isdigit())
    return key if total % 10 == check else None  # None: misread
{% else %}
RENUMBERED = {line["old"]: line["new"] for line in rows("renumbered")}

def key_of(typed):
    while typed in RENUMBERED:
        typed = RENUMBERED[typed]
    return typed
{% endif %}

{{ master }} = defaultdict(list)
for line in rows("{{ master }}"):
    {{ master }}[line["{{ key_column }}"]].append(line)

{% if versions == "dated" %}
def {{ group_column }}_of(key, day):
    begun = [line for line in {{ master }}[key] if line["valid_from"] <= day]
    return max(begun, key=lambda line: line["valid_from"])["{{ group_column }}"] if begun else None
{% elif versions == "last" %}
def {{ group_column }}_of(key, day):
    return {{ master }}[key][-1]["{{ group_column }}"] if {{ master }}[key] else None
{% else %}
def {{ group_column }}_of(key, day):
    return next((line["{{ group_column }}"] for line in {{ master }}[key] if line["status"] == "active"), None)
{% endif %}

groups, orphans = defaultdict(list), []
for line in rows("{{ table }}", "{{ separator }}"):
    key = key_of(line["{{ key_column }}"])
    {% if key == "check-digit" %}
    if key is None:
        continue
    {% endif %}
    name = {{ group_column }}_of(key, line["booked_on"])
    if name is None:
        orphans.append(line["{{ id_column }}"])
        {% if orphans == "unknown" %}
        name = "unknown"
        {% else %}
        continue
        {% endif %}
    groups[name].append((line["booked_on"][:7], cents(line)))

{% if figure in ("sum", "median") %}
def money(value):
    return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"

{% endif %}
{% if figure == "sum" %}
def figure(lines):
    return money(sum(amount for _, amount in lines))
{% elif figure == "median" %}
def figure(lines):
    twice = int(2 * median(amount for _, amount in lines))  # the median may end in half a cent
    return money((abs(twice) + 1) // 2 * (-1 if twice < 0 else 1))
{% elif figure == "share" %}
everything = sum(amount for lines in groups.values() for _, amount in lines)

def figure(lines):
    thousandths = (2000 * sum(amount for _, amount in lines) + everything) // (2 * everything)
    return f"{thousandths // 10}.{thousandths % 10}"
{% else %}
def figure(lines):
    months = defaultdict(int)
    for month, amount in lines:
        months[month] += amount
    return min(months, key=lambda month: (-months[month], month))
{% endif %}

{% if output == "table" %}
with open("/root/report.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["{{ group_column }}", "figure"])
    out.writerows([name, figure(groups[name])] for name in sorted(groups))
{% elif output == "object" %}
with open("/root/report.json", "w") as file:
    json.dump({name: figure(lines) for name, lines in groups.items()}, file, indent=2)
{% else %}
with open("/root/report.txt", "w") as file:
    for name in sorted(groups, key=lambda name: (-len(groups[name]), name)):
        print(f"{name}: {figure(groups[name])} ({len(groups[name])})", file=file)
{% endif %}
{% if orphans == "rejects" %}
with open("/root/rejects.txt", "w") as file:
    file.writelines(f"{number}\n" for number in orphans)
{% else %}
print(len(orphans), "lines without a match:", *orphans[:5])
{% endif %}
PY

python3 /root/report.py
cat /root/report.[cjt]*
