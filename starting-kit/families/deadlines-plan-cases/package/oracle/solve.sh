#!/bin/bash
set -euo pipefail
head -n 5 /srv/office/cases.csv
head -n 5 /srv/office/holidays.txt

cat > /root/plan.py <<'PY'
import csv
import json
from collections import defaultdict
from datetime import date, datetime, timedelta

DAY = timedelta(days=1)
with open("/srv/office/cases.csv", newline="") as file:
    cases = {row["case"]: row for row in csv.DictReader(file)}
listed = open("/srv/office/holidays.txt").read().split()

def free_weekday(day):
{% if week == "weekend" %}
    return day.weekday() >= 5  # Monday is 0
{% elif week == "friday-saturday" %}
    friday, saturday = 4, 5
    return day.weekday() in (friday, saturday)
{% else %}
    return day.isoweekday() == 7
{% endif %}

{% if holidays == "yearly" %}
holidays = set(listed)

def is_free(day):
    return free_weekday(day) or day.strftime("%m-%d") in holidays
{% else %}
holidays = {date.fromisoformat(text) for text in listed}
{% if holidays == "moved" %}
for day in sorted(holidays):
    if free_weekday(day):
        while free_weekday(day) or day in holidays:
            day += DAY
        holidays.add(day)
{% endif %}

{% if holidays == "bridges" %}
def is_off(day):
    return free_weekday(day) or day in holidays

def is_free(day):
    return is_off(day) or (is_off(day - DAY) and is_off(day + DAY))
{% else %}
def is_free(day):
    return free_weekday(day) or day in holidays
{% endif %}
{% endif %}

def working_from(day):
    while is_free(day):
        day += DAY
    return day

def received_at(case):
{% if receipt == "iso" %}
    return datetime.strptime(case["received"], "%Y-%m-%d %H:%M")
{% elif receipt == "dotted" %}
    day_first = "%d.%m.%Y %H:%M Uhr"
    return datetime.strptime(case["received"], day_first)
{% else %}
    clock, _, day = case["received"].partition(" on ")
    return datetime.strptime(f"{day} {clock}", "%B %d %Y %I:%M %p")
{% endif %}

def own_start(case):
    received = received_at(case)
{% if start == "same-day" %}
    return working_from(received.date())
{% elif start == "next-day" %}
    return working_from(received.date() + DAY)
{% else %}
    late = received.hour >= {{ cutoff }} and not is_free(received.date())
    return working_from(received.date() + (DAY if late else timedelta()))
{% endif %}

def due_after(start, term):
{% if term == "working-days" %}
    day = start
    for _ in range(term - 1):
        day = working_from(day + DAY)
    return day
{% elif term == "roll-forward" %}
    return working_from(start + term * DAY)
{% elif term == "roll-back" %}
    day = start + term * DAY
    while is_free(day) and day > start:
        day -= DAY
    return day
{% else %}
    months = start.year * 12 + start.month + term  # of the month after the one that is meant
    day, left = date(months // 12, months % 12 + 1, 1), 3
    while left:
        day -= DAY
        left -= not is_free(day)
    return day
{% endif %}

dates = {}
{% if queue == "alone" %}
for name, case in cases.items():
    start = own_start(case)
    dates[name] = start, due_after(start, int(case["{{ column }}"]))
{% elif queue == "after" %}
def plan(name):
    if name not in dates:
        case = cases[name]
        start = own_start(case)
        for other in case["after"].split():
            start = max(start, working_from(plan(other)[1] + DAY))
        dates[name] = start, due_after(start, int(case["{{ column }}"]))
    return dates[name]

for name in cases:
    plan(name)
{% else %}
busy_until = {}
for name, case in sorted(cases.items(), key=lambda item: (received_at(item[1]), item[0])):
    start, before = own_start(case), busy_until.get(case["owner"])
    if before is not None and before >= start:
        start = working_from(before + DAY)
    dates[name] = start, due_after(start, int(case["{{ column }}"]))
    busy_until[case["owner"]] = dates[name][1]
{% endif %}

order = sorted(dates, key=lambda name: (dates[name][1], name))
{% if output == "table" %}
with open("/root/deadlines.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["case", "start", "due"])
    out.writerows([name, *dates[name]] for name in order)
{% elif output == "owners" %}
by_owner = defaultdict(dict)
for name in order:
    by_owner[cases[name]["owner"]][name] = str(dates[name][1])
with open("/root/deadlines.json", "w") as file:
    json.dump(by_owner, file, indent=2)
{% else %}
weeks = defaultdict(list)
for name in order:
    year, week, _ = dates[name][1].isocalendar()
    weeks[f"{year}-W{week:02d}"].append(name)
with open("/root/board.txt", "w") as file:
    for week in sorted(weeks):
        print(f"{week}: {' '.join(weeks[week])}", file=file)
{% endif %}
PY

python3 /root/plan.py
head -n 8 /root/{{ "board.txt" if output == "weeks" else "deadlines.*" }}
