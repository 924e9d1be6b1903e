"""The two tables and what goes with them: every rule that a package may ask for decides about some of the lines."""

from datetime import date, timedelta

WORDS = {
    "wholesale": ("orders", "order_no", "customer", "customers", "region", "C", "North South East West Harbour"),
    "clinic": (
        "invoices",
        "invoice",
        "patient",
        "patients",
        "ward",
        "P",
        "Surgery Maternity Oncology Dental Radiology",
    ),
    "courier": ("deliveries", "parcel", "sender", "senders", "depot", "S", "Airport Riverside Central Hilltop Docks"),
    "college": ("fees", "receipt", "student", "students", "faculty", "M", "Law Physics Music Botany History"),
}
START = date(2025, 1, 6)


def check_digit(digits):
    """Return the check digit of a key's digits: their sum modulo 10."""
    return str(sum(map(int, digits)) % 10)


def spelled(letter, number, key, random):
    """Return a key as somebody typed it."""
    digits = f"{number:04d}"
    if key == "spelling":
        return random.choice(
            [f"{letter}-{digits}", f"{letter.lower()}-{digits}", f" {letter}-{digits} ", f"{letter} - {digits}"]
        )
    if key == "zeros":
        return random.choice(
            [f"{letter}{number}", f"{letter}-{digits}", f"{letter}/{number}", f"{letter}.{number:06d}"]
        )
    if key == "check-digit":
        right = check_digit(digits)
        wrong = str((int(right) + random.randrange(1, 10)) % 10)
        return f"{letter}-{digits}{wrong if random.random() < 0.12 else right}"
    return f"{letter}-{digits}"


def written(cents, amounts, random):
    """Return an amount as the table writes it."""
    whole, part = divmod(abs(cents), 100)
    if amounts == "european":
        return f"{whole:,}".replace(",", ".") + f",{part:02d}"
    if amounts == "brackets":
        text = f"{whole:,}.{part:02d}"
        return f"({text})" if cents < 0 else random.choice([text, f"${text}"])
    return f"{whole}.{part:02d}"


def masters(numbers, letter, groups, random):
    """Return the master lines: some keys twice, with a later date, another group or the status closed."""
    lines = []
    for number in numbers:
        first = START - timedelta(days=random.randrange(5, 300))
        dates = [first]
        if random.random() < 0.5:
            dates.append(START + timedelta(days=random.randrange(20, 100)))
        if random.random() < 0.15:
            dates[0] = START + timedelta(days=random.randrange(15, 40))
        names = random.sample(groups, len(dates))
        for since, group in zip(dates, names, strict=True):
            status = "closed" if random.random() < 0.25 else "active"
            lines.append([f"{letter}-{number:04d}", group, since.isoformat(), status])
    random.shuffle(lines)
    return lines


def make(values, random):
    """Return the words of the trade, and the tables."""
    table, id_column, key_column, master, group_column, letter, groups = WORDS[values["trade"]]
    groups = groups.split()
    numbers = random.sample(range(3, 980), 34)
    gone, known = numbers[:5], numbers[5:]
    renamed = {}
    if values["key"] == "renumbered":
        fresh = random.sample(range(1000, 9000), 14)
        for place, old in enumerate(fresh):
            renamed[old] = fresh[place + 1] if place % 3 == 0 and place + 1 < len(fresh) else random.choice(known)
    rows = []
    for place in range(170):
        number = random.choice(gone if random.random() < 0.1 else [*known, *renamed])
        day = START + timedelta(days=random.randrange(0, 118))
        cents = random.randrange(300, 400000) if random.random() < 0.8 else random.randrange(100, 90000)
        if values["amounts"] == "brackets" and random.random() < 0.15:
            cents = -cents // 8
        row = [f"{table[0].upper()}{2100 + place}", day.isoformat(), spelled(letter, number, values["key"], random)]
        row.append(written(cents, values["amounts"], random))
        if values["amounts"] == "currency":
            row.append(random.choice(["EUR", "EUR", "USD", "CHF", "SEK"]))
        rows.append(row)
    header = [id_column, "booked_on", key_column, "amount"] + ["currency"] * (values["amounts"] == "currency")
    separator = ";" if values["amounts"] == "european" else ","
    quote = '"' if values["amounts"] == "brackets" else ""
    lines = [separator.join([*row[:3], f"{quote}{row[3]}{quote}", *row[4:]]) for row in rows]
    files = {f"{table}.csv": [separator.join(header), *lines]}
    chosen = masters(known, letter, groups, random)
    files[f"{master}.csv"] = [",".join([key_column, group_column, "valid_from", "status"]), *map(",".join, chosen)]
    if renamed:
        pairs = [f"{letter}-{old:04d},{letter}-{new:04d}" for old, new in renamed.items()]
        files["renumbered.csv"] = ["old,new", *sorted(pairs)]
    if values["amounts"] == "currency":
        rates = {"EUR": "1", "USD": "0.9217", "CHF": "1.0484", "SEK": "0.08765"}
        files["rates.csv"] = ["currency,rate", *(f"{name},{rate}" for name, rate in rates.items())]
    words = {
        "table": table,
        "id_column": id_column,
        "key_column": key_column,
        "master": master,
        "group_column": group_column,
        "letter": letter,
        "separator": separator,
        "place": f"/srv/{values['trade']}",
    }
    return words, {f"environment/data/{name}": "\n".join(content) + "\n" for name, content in files.items()}
