#!/bin/bash
set -euo pipefail
head -n 4 /srv/lab/*.csv

cat > /root/samples.py <<'PY'
import csv
import json
from collections import defaultdict
from fractions import Fraction
from statistics import mean, median

def lab(name):
    with open(f"/srv/lab/{name}.csv", newline="") as file:
        return list(csv.DictReader(file))

{% if quantity == "temperature" %}
def convert(value, unit):
    if unit == "F":
        value, unit = (value - 32) * Fraction(5, 9), "C"
    return value + Fraction("273.15") if unit == "C" else value
{% else %}
FACTORS = { {%- for unit, factor in factors.items() %}"{{ unit }}": Fraction("{{ factor }}"){{ ", " if not loop.last }}{% endfor -%} }

def convert(value, unit):
    return value * FACTORS[unit]
{% endif %}

readings = []
for line in sorted(lab("readings"), key=lambda line: line["taken_at"]):
    text = line["reading"]
{% if limits == "half" %}
    value = Fraction(text[1:]) / 2 if text.startswith("<") else Fraction(text)
{% elif limits == "zero" %}
    value = Fraction(0 if text.startswith("<") else text)
{% else %}
    if text.startswith("<"):
        continue
    value = Fraction(text)
{% endif %}
    readings.append((line["sample"], line["instrument"], line["taken_at"], convert(value, line["unit"])))

{% if correction == "calibration" %}
calibration = {line["instrument"]: (Fraction(line["gain"]), Fraction(line["offset"])) for line in lab("calibration")}

def corrected(instrument, taken_at, value):
    gain, offset = calibration.get(instrument, (1, 0))
    return gain * value + offset
{% elif correction == "drift" %}
checks = defaultdict(list)
for line in lab("drift"):
    checks[line["instrument"]].append((line["checked_at"], Fraction(line["shift"])))

def corrected(instrument, taken_at, value):
    before = [check for check in checks[instrument] if check[0] <= taken_at]
    return value - max(before)[1] if before else value
{% else %}
blanks = defaultdict(list)
for sample, instrument, _, value in readings:
    if sample == "BLANK":
        blanks[instrument].append(value)
overall = mean([value for values in blanks.values() for value in values])

def corrected(instrument, taken_at, value):
    blank = mean(blanks[instrument]) if blanks[instrument] else overall
    return max(value - blank, Fraction(0))
{% endif %}

samples = defaultdict(list)
for sample, instrument, taken_at, value in readings:
    if sample != "BLANK":
        samples[sample].append(corrected(instrument, taken_at, value))

def used(values):  # in order of time
{% if replicates == "last" %}
    return values[-1:]
{% elif replicates == "trimmed" %}
    return sorted(values)[1:-1] if len(values) >= 4 else values
{% else %}
    return values
{% endif %}

{% if rounding == "half-even" %}
def rounded(value):
    whole = round(value * 10**{{ decimals }})  # round() of a fraction goes to the even digit
    return f"{'-' if whole < 0 else ''}{abs(whole) // 10**{{ decimals }}}.{abs(whole) % 10**{{ decimals }}:0{{ decimals }}d}"
{% elif rounding == "half-up" %}
def rounded(value):
    whole = (value * 10**{{ decimals + 1 }} + Fraction(1, 2)).__floor__()
    return f"{'-' if whole < 0 else ''}{abs(whole) // 10**{{ decimals + 1 }}}.{abs(whole) % 10**{{ decimals + 1 }}:0{{ decimals + 1 }}d}"
{% elif rounding == "significant" %}
def rounded(value):
    if value <= 0:
        return "0"
    decimals = 0
    while value * 10**decimals < 100:
        decimals += 1
    digits = int(value * 10**decimals + Fraction(1, 2))
    if digits == 1000 and decimals:  # 99.96 became 100
        digits, decimals = 100, decimals - 1
    text = str(digits).rjust(decimals + 1, "0")
    return f"{text[:-decimals]}.{text[-decimals:]}" if decimals else text
{% else %}
def rounded(value):
    hundredths = value // Fraction("{{ step }}") * Fraction("{{ step }}") * 100
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{int(abs(hundredths) % 100):02d}"
{% endif %}

figures = {name: rounded({{ "median" if replicates == "median" else "mean" }}(used(samples[name]))) for name in sorted(samples)}
{% if output == "table" %}
with open("/root/samples.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["sample", "{{ wanted }}", "readings"])
    out.writerows([name, figure, len(used(samples[name]))] for name, figure in figures.items())
{% elif output == "object" %}
with open("/root/samples.json", "w") as file:
    json.dump(figures, file, indent=2)
{% else %}
with open("/root/samples.txt", "w") as file:
    for name in sorted(figures, key=lambda name: (-Fraction(figures[name]), name)):
        print(f"{name} = {figures[name]} {{ wanted }}", file=file)
{% endif %}
PY

python3 /root/samples.py
head -n 6 /root/samples.[cjt]*
