"""Write the collectors' sheets and the weights of this task into the image's folder and into the verifier's own copy.

    python3 generate.py

The same seed gives the same bytes. What every odd quote is there for stands here, and stays out of the image.
"""

import csv
import math
import random
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
COPIES = (PACKAGE / "environment" / "prices", PACKAGE / "verifier" / "data")
SEED = 225
"""One with rates that lie on a half, 1.25 and -1.25, and with no index near one."""
MONTHS = [f"{year}-{month:02d}" for year, month in [(2023, 12), *((y, m) for y in (2024, 2025) for m in range(1, 13))]]
GROUPS = {
    "01.1.1": ("Bread and cereals", 141, 128, 0.0024),
    "01.1.5": ("Oils and fats", 38, 47, 0.0110),
    "03.1.2": ("Garments", 182, 170, 0.0005),
    "04.5.4": ("Solid fuels", 27, 19, -0.0090),
    "07.2.2": ("Fuels for transport", 215, 231, 0.0015),
    "09.5.2": ("Newspapers and periodicals", 36, 33, 0.0040),
}
"""Code → name, weight in 2024 and in 2025 (not adding up to anything round), and how prices drift in a month."""
OUTLETS = {
    "01": ("Havlik", "Market Hall", "Ostrom", "Plus 24", "Unimart"),
    "03": ("Modehaus Lind", "Tarn & Sons", "Unimart"),
    "04": ("Ostrom", "Kessler Fuels", "Garden Centre"),
    "07": ("Arko A1", "Petrona", "Arko Nord"),
    "09": ("Kiosk Nord", "Plus 24", "Station Books"),
}
ITEMS = {
    "01.1.1": [
        ("Rye bread, sliced", "500", "g", 2.19),
        ("Wheat flour, type 550", "1", "kg", 1.09),
        ("Rice, long grain", "1000", "g", 2.75),
        ("Spaghetti", "500", "g", 1.49),
        ("Rolls, half baked, 8", "8", "piece", 1.99),
        ("Oat flakes", "0.5", "kg", 1.29),
        ("Muesli with fruit", "750", "g", 3.99),
        ("Crispbread", "250", "g", 1.79),
    ],
    "01.1.5": [
        ("Butter", "250", "g", 2.29),
        ("Olive oil, extra virgin", "0.75", "l", 8.49),
        ("Sunflower oil", "1", "l", 2.19),
        ("Margarine", "500", "g", 1.89),
        ("Rapeseed oil", "750", "ml", 2.59),
    ],
    "03.1.2": [
        ("Jeans, men", "1", "piece", 59.95),
        ("T-shirts, women, 2", "2", "piece", 19.90),
        ("Anorak, child", "1", "piece", 44.90),
        ("Socks, 5 pairs", "5", "piece", 12.95),
        ("Dress, cotton", "1", "piece", 69.00),
        ("Pullover, wool", "1", "piece", 79.95),
        ("Shirt, men", "1", "piece", 34.95),
    ],
    "04.5.4": [
        ("Firewood, beech", "25", "kg", 11.90),
        ("Wood pellets", "15", "kg", 6.49),
        ("Briquettes", "10", "kg", 4.99),
    ],
    "07.2.2": [
        ("Petrol, E10", "1", "l", 1.749),
        ("Petrol, E5", "1", "l", 1.809),
        ("Diesel", "1", "l", 1.699),
        ("Diesel, motorway", "1", "l", 1.899),
    ],
    "09.5.2": [
        ("Daily, single copy", "1", "piece", 2.80),
        ("Weekly, news", "1", "piece", 5.90),
        ("Television guide", "1", "piece", 2.40),
    ],
}
SECOND_OUTLETS = {"01.1.1": 8, "01.1.5": 5, "03.1.2": 5, "07.2.2": 4}
"""How many items of a group are priced in a second outlet as well."""

# quote → month → what the collector noted. The size and the item stay as they are from there on.
EVENTS = {
    # Missing: no price (M), a row that is not there (gone), an entry that the office rejected (E). What comes back is
    # compared with the imputed price, which moved with the group.
    "q03": {"2024-03": "M", "2024-04": "M", "2024-05": "M"},
    "q07": {"2024-08": "gone", "2024-09": "gone"},
    "q10": {"2024-05": "E"},
    "q12": {"2025-02": "M", "2025-03": "gone", "2025-04": "E"},
    "q33": {"2024-06": "M"},
    "q44": {"2024-06": "M", "2024-07": "M", "2025-07": "gone"},
    "q46": {"2025-03": "M"},
    # More than three months in a row: it comes back as new. Exactly three (q03, q12) do not.
    "q05": {"2024-06": "M", "2024-07": "M", "2024-08": "gone", "2024-09": "M"},
    "q13": {"2024-10": "gone", "2024-11": "gone", "2024-12": "gone", "2025-01": "gone", "2025-02": "gone"},
    "q25": {"2024-01": "M", "2024-02": "M", "2024-03": "E", "2024-04": "M"},
    # Comes back as a comparable substitute after four months: new all the same.
    "q38": {**{f"2025-{month:02d}": "M" for month in (3, 4, 5, 6)}, "2025-07": ("C", "Sunflower oil", "2", "l", 1.9)},
    # Never comes back.
    "q28": {month: "gone" for month in MONTHS if month >= "2025-05"},
    # A comparable substitute: the pack shrinks, or the unit is another.
    "q01": {"2024-09": ("C", "Rye bread, sliced", "450", "g", 1.0)},
    "q09": {"2025-03": ("C", "Butter", "200", "g", 0.86)},
    "q04": {"2024-11": ("C", "Spaghetti", "1", "kg", 1.83)},
    "q15": {"2025-09": ("C", "T-shirts, women, 3", "3", "piece", 1.6)},
    # A comparable substitute for a quote that was missing the month before.
    "q11": {"2024-07": "M", "2024-08": ("C", "Sunflower oil", "750", "ml", 0.8)},
    # Another item: no relative in the month it comes in.
    "q17": {"2024-09": ("N", "Socks, wool, 2 pairs", "2", "piece", 1.35)},
    "q20": {"2025-04": ("N", "Shirt, linen", "1", "piece", 1.9)},
    "q34": {"2025-06": ("N", "Muesli without sugar", "1", "kg", 1.55)},
    # Another item, and missing straight after: what is imputed goes on from the new one.
    "q18": {"2025-09": ("N", "Dress, viscose", "1", "piece", 0.62), "2025-10": "M"},
    # Sales count as they are; the price before a sale comes back.
    "q14": {"2024-07": ("S", 0.6), "2025-01": ("S", 0.7), "2025-07": ("S", 0.5)},
    "q16": {"2024-01": ("S", 0.75), "2025-01": ("S", 0.8)},
    "q19": {"2024-08": ("S", 0.8)},
    "q02": {"2025-11": ("S", 0.85)},
    # Corrected in the same sheet: the later row counts, also where the first is missing or wrong.
    "q06": {"2024-04": ("twice", 10)},
    "q22": {"2025-05": ("twice", 0.1)},
    "q26": {"2025-08": ("twice", "M")},
    "q31": {"2024-10": ("twice", 1.1)},
    # No newspaper in August 2024 (a strike), no solid fuel in July 2025: the group keeps its index.
    "q50": {"2024-08": "M"},
    "q51": {"2024-08": "gone"},
    "q52": {"2024-08": "M"},
    "q21": {"2025-07": "E"},
    "q23": {"2025-07": "M"},
}
EVENTS["q22"]["2025-07"] = "M"
LATE = {"q53": "2024-05", "q54": "2025-02"}
"""Quotes that were taken up later: new in their first month, with no code to say so."""


def quotes():
    """Return (id, group, outlet, item, size, unit, price) of each quote: q28 to q49 in a second outlet."""
    found = [(group, item) for group, items in ITEMS.items() for item in items]
    second = [(group, item) for group, count in SECOND_OUTLETS.items() for item in ITEMS[group][:count]]
    papers = [pair for pair in found if pair[0] == "09.5.2"]
    first = [pair for pair in found if pair[0] != "09.5.2"]
    late = [("01.1.1", ("Tortillas, 6", "6", "piece", 2.29)), ("03.1.2", ("Scarf", "1", "piece", 24.95))]
    for index, (group, item) in enumerate(first + second + papers + late):
        outlets = OUTLETS[group[:2]]
        name, size, unit, price = item
        yield f"q{index + 1:02d}", group, outlets[index % len(outlets)], name, size, unit, price


def text(group, price):
    """Return a price as shops write it: 2.49, 59.95, 1.749."""
    if group[:2] == "07":
        return f"{round(price, 2) - 0.001:.3f}"
    step = {"03": 1, "04": 0.1}.get(group[:2], 0.05)
    return f"{round(price / step) * step - (0.05 if step == 1 else 0 if step == 0.1 else 0.01):.2f}"


class Quote:
    """One quote as it goes through the months: what it is, and its price before it is rounded."""

    def __init__(self, quote, group, outlet, *pack, price):
        self.names, self.group, self.pack, self.price = (quote, group, outlet), group, pack, price

    def row(self, price, code):
        """Return the row of a sheet; without a price where there is None."""
        return [*self.names, *self.pack, "" if price is None else text(self.group, price), code]

    def rows(self, event):
        """Return the rows of a month in which a quote has an event, or none."""
        kind = event[0] if event else ""
        if kind == "C" or kind == "N":
            self.pack, self.price = event[1:4], self.price * event[4]
        if kind == "twice":
            first = self.row(None, "M") if event[1] == "M" else self.row(self.price * event[1], "")
            return [first, self.row(self.price, "")]
        shown = {"M": None, "E": self.price * 10, "S": self.price * event[1] if kind == "S" else None}
        return [] if event == "gone" else [self.row(shown.get(kind, self.price), kind)]


def sheets():
    """Return month → the rows of its sheet."""
    rng = random.Random(SEED)
    found = {month: [] for month in MONTHS}
    spread = {"04.5.4": 0.025, "07.2.2": 0.025}
    shocks = {(g, m): rng.gauss(GROUPS[g][3], spread.get(g, 0.008)) for g in GROUPS for m in MONTHS}
    for *names, price in quotes():
        quote, first = Quote(*names, price=price), LATE.get(names[0], MONTHS[0])
        for month in MONTHS[MONTHS.index(first) :]:
            if month != first:
                quote.price *= math.exp(shocks[quote.group, month] + rng.gauss(0, 0.012))
            found[month] += quote.rows(EVENTS.get(names[0], {}).get(month, ""))
    for rows in found.values():
        # As they came in, by outlet; a correction stays behind what it corrects (the sort is stable).
        outlets = sorted({row[2] for row in rows})
        order = rng.sample(outlets, len(outlets))
        rows.sort(key=lambda row: order.index(row[2]))
    return found


def main():
    """Write both copies."""
    months = sheets()
    for folder in COPIES:
        (folder / "sheets").mkdir(parents=True, exist_ok=True)
        with (folder / "weights.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(["group", "name", "2024", "2025"])
            table.writerows([group, *values[:3]] for group, values in GROUPS.items())
        for month, rows in months.items():
            with (folder / "sheets" / f"{month}.csv").open("w", newline="", encoding="utf-8") as file:
                table = csv.writer(file, lineterminator="\n")
                table.writerow(["quote", "group", "outlet", "item", "size", "unit", "price", "code"])
                table.writerows(rows)


if __name__ == "__main__":
    main()
