"""Write the database of one branch for the image, and that of another, which the agent never sees, for the verifier.

    python3 generate.py

The same seeds give the same bytes. Neither this file nor the second database is in the image.
"""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
SCHEMA = """\
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, mail TEXT, phone TEXT, since TEXT);
CREATE TABLE tools (id INTEGER PRIMARY KEY, code TEXT, title TEXT, kind TEXT, tags TEXT, value TEXT);
CREATE TABLE lendings (id INTEGER PRIMARY KEY, person INTEGER, tool TEXT, taken TEXT, due TEXT, back TEXT);
CREATE TABLE payments (id INTEGER PRIMARY KEY, lending INTEGER, amount REAL, day TEXT);
CREATE INDEX lendings_by_tool ON lendings (tool);
CREATE VIEW overdue AS SELECT * FROM lendings WHERE back IS NULL AND due < date('now');
"""

BRANCHES = {
    PACKAGE / "environment" / "toolshed" / "toolshed.sql": {
        "seed": 11,
        "first": ("Aylin", "Bram", "Chiara", "Dieter", "Eva", "Femke", "Goran", "Hülya", "Ines", "Jost", "Luís"),
        "last": ("Adler", "Brandt", "Çelik", "Duarte", "Ebert", "Fischer", "Grünwald", "Horvat", "Ivanova", "Jansen"),
        "hosts": ("example.org", "mail.example.com", "post.example.net"),
        "kinds": ("drill", "saw", "ladder", "garden", "measuring"),
        "titles": ("Hammer drill", "Jigsaw", "Step ladder", "Hedge trimmer", "Laser level", "Mitre saw", "Tile cutter"),
        "tags": ("cordless", "heavy", "230 v", "two people", "blade", "outdoor", "new"),
        "phones": ("030 1234-{:03d}", "0049 30 77{:03d}", "+49 (0)171 55 {:03d}", "mobil 0171/88.{:03d}", "0171{:03d}"),
        "since": ("soon", "31.02.2022", "2021-13-01", "99", "in 2019"),
        "values": ("?", "ca. 30", "12,-", ".50", "1..5", "ten"),
        "people": 40,
        "tools": 36,
        "lendings": 170,
        "payments": 90,
    },
    PACKAGE / "verifier" / "data" / "unseen.sql": {
        "seed": 23,
        "first": ("Ada", "Benoît", "Cleo", "Desta", "Emil", "Freya", "Gita", "Hugo", "Imani", "Joon", "Kwame"),
        "last": ("Okafor", "Petit", "Quist", "Rossi", "Sato", "Thorne", "Ueda", "Varga", "Weiß", "Yilmaz", "Zhou"),
        "hosts": ("example.net", "example.com", "home.example"),
        "kinds": ("kitchen", "camping", "bike stand", "audio", "painting", "a-frame"),
        "titles": ("Dough mixer", "Tent, 4 people", "Wheel truer", "Loudspeaker", "Spray gun", "O'Brien clamp"),
        "tags": ("fragile", "battery", "x-large", "set of 3", "spare part", "loud"),
        "phones": ("+33 1 23 45 6{:03d}", "0033.1.99.{:03d}", "tel:06-12-34-{:03d}", "(0)6_77 {:03d}", "00{:03d}"),
        "since": ("2023-02-29", "0.5.2023", "32.1.2023", "2022/05/01", "12345678", "1.5.23", "99999999999", "2022-5-1"),
        "values": ("about 9", "5-", ",9", "1.,5", "7,", "--", "£ 8"),
        "people": 46,
        "tools": 41,
        "lendings": 200,
        "payments": 110,
    },
}
"""File → what its branch is made of."""


class Branch:
    """The rows of one branch, in the order of their making."""

    def __init__(self, facts):
        self.facts = facts
        self.random = random.Random(facts["seed"])
        self.rows = {"people": [], "tools": [], "lendings": [], "payments": []}
        self.next_id = dict.fromkeys(self.rows, 1)

    def add(self, table, *values):
        """Add a row with the next id; some ids are missing, as rows were deleted."""
        number = self.next_id[table]
        self.next_id[table] += self.random.choice((1, 1, 1, 1, 2, 5))
        self.rows[table].append((number, *values))
        return number

    def padded(self, text):
        """Return a text, sometimes with blanks around it."""
        return self.random.choice((text, text, text, f" {text}", f"{text}  "))

    def cased(self, text):
        """Return a text in some case."""
        return self.padded(self.random.choice((text, text, text.upper(), text.lower(), text.title())))

    def stamp(self, day):
        """Return a date in one of the forms that the application has written over the years."""
        noon = datetime(day.year, day.month, day.day, self.random.randrange(24), 59, tzinfo=UTC)
        return self.padded(
            self.random.choice(
                (
                    day.isoformat(),
                    day.isoformat(),
                    f"{day.day}.{day.month}.{day.year}",
                    f"{day:%d.%m.%Y}",
                    str(int(noon.timestamp())),
                    f"{noon:%Y-%m-%dT%H:%M:%S}",
                    f"{noon:%Y-%m-%d %H:%M}",
                )
            )
        )

    def odd(self, name):
        """Return one of the odd words of the branch."""
        return self.random.choice(self.facts[name])


def add_people(branch):
    """Add people: plain ones, then those who registered twice or with an address that is none."""
    rng, facts = branch.random, branch.facts
    for number in range(facts["people"]):
        first, last = rng.choice(facts["first"]), rng.choice(facts["last"])
        plain = f"{first}.{last}{number}".lower().translate(str.maketrans("çüîíß", "cuiis"))
        since = branch.stamp(date(2001, 1, 5) + timedelta(days=rng.randrange(8500)))
        branch.add(
            "people",
            branch.padded(f"{first} {last}"),
            branch.cased(f"{plain}@{rng.choice(facts['hosts'])}"),
            rng.choice((None, branch.padded(branch.odd("phones").format(rng.randrange(1000))))),
            rng.choice((since, since, since, since, branch.odd("since"), None)),
        )
    host = facts["hosts"][0]
    for name, mail, phone, since in (
        (None, f"Twice@{host} ", None, "2019-05-01"),
        ("  ", f"twice@{host}", " ", "1.4.2019"),
        ("Second Twice", f"TWICE@{host}", facts["phones"][1].format(7), "soon"),
        ("Third Twice", f" twice@{host}", facts["phones"][2].format(8), "2019-04-02T08:00:00"),
        ("", f"Nameless@{host}", "", ""),
        (None, f"nameless@{host}", None, "01.03.2020"),
        ("Two Ats", f"two@ats@{host}", None, "2020-01-01"),
        ("No At", host, None, "2020-01-01"),
        ("Blank", f"bl ank@{host}", None, "2020-01-01"),
        ("Nobody", f"@{host}", None, "2020-01-01"),
        ("Nowhere", "nowhere@", None, "2020-01-01"),
        ("Quiet", None, facts["phones"][0].format(9), "2020-01-01"),
        ("Quieter", "  ", None, "2020-01-01"),
        ("Epoch", f"epoch@{host}", None, "1234567890"),
        ("Old Epoch", f"old.epoch@{host}", None, "946684799"),
    ):
        branch.add("people", name, mail, phone, since)
    for number, since in enumerate(facts["since"]):
        branch.add("people", "Odd Date", f"odd.date{number}@{host}", None, since)


def add_tools(branch):
    """Add tools: plain ones, then codes that are there twice and rows that lack something."""
    rng, facts = branch.random, branch.facts
    for number in range(facts["tools"]):
        separator = rng.choice((",", ", ", ";", " ; ", ",,"))
        tags = separator.join(branch.cased(tag) for tag in rng.choices(facts["tags"], k=rng.randrange(4)))
        whole, part = rng.randrange(5, 2400), rng.randrange(100)
        value = rng.choice(
            (
                str(whole),
                f"{whole},{part:02d}",
                f"{whole}.{part % 10}",
                f"€ {whole:,}.{part:02d}",
                f"{f'{whole:,}'.replace(',', '.')},{part:02d} EUR",
                f"{whole:,} €",
                f"EUR{whole:,}".replace(",", "."),
                branch.odd("values"),
                None,
            )
        )
        kind = rng.choice((branch.cased(branch.odd("kinds")), branch.cased(branch.odd("kinds")), None, " "))
        code = branch.cased(f"{facts['kinds'][0][:2]}-{number:03d}")
        branch.add("tools", code, branch.padded(branch.odd("titles")), kind, tags, value)
    for number, value in enumerate(facts["values"]):
        branch.add("tools", f"odd-{number}", "Odd value", None, None, value)
    for code, title, kind, tags, value in (
        ("Twice-1", "The first", facts["kinds"][1], "old", "1,5"),
        (" twice-1", "The second", facts["kinds"][2], "Old;OLD , new", "1.234.567,8"),
        ("TWICE-2", "The better", "only here", ",", "0"),
        ("twice-2 ", " ", "never moved", None, "3"),
        (None, "No code", "nor this", None, "3"),
        ("  ", "", None, None, "3"),
        ("none-1", None, None, "a,b", "3"),
        ("some-1", "Plain", " ", " , ;", "1.2345"),
        ("some-2", "Long", None, "z;y,x;x", "12,345,6"),
    ):
        branch.add("tools", code, title, kind, tags, value)


def add_lendings(branch):
    """Add lendings, most of them in order; then those that are odd."""
    rng, facts = branch.random, branch.facts
    people = [row[0] for row in branch.rows["people"]]
    codes = [(row[1] or "").strip() for row in branch.rows["tools"]]
    day = date(2023, 1, 2)
    for _ in range(facts["lendings"]):
        day += timedelta(days=rng.randrange(4))
        due = day + timedelta(days=rng.choice((7, 14, 28)))
        back = day + timedelta(days=rng.randrange(40))
        branch.add(
            "lendings",
            rng.choice(people),
            branch.cased(rng.choice(codes)),
            branch.stamp(day),
            rng.choice((branch.stamp(due), branch.stamp(due), branch.stamp(due), None, branch.odd("since"))),
            rng.choice((branch.stamp(back), branch.stamp(back), branch.stamp(back), None, " ", None)),
        )
    twice, quiet = people[facts["people"] + 2], people[facts["people"] + 11]
    for person, tool, taken, due, back in (
        (twice, "some-1", "2024-03-01", "2024-02-29", None),
        (twice, "SOME-1", "1.3.2024", "2024-03-05", None),
        (twice, "some-1 ", "2024-02-01", "5.2.2024", "2024-06-01"),
        (twice, "some-1", "2024-04-10", "2024-04-10", " "),
        (twice, "some-1", "2024-04-10", "1712700000", "2024-04-12"),
        (quiet, "some-2", "2024-05-01", "2024-05-09", None),
        (999_999, "none-1", None, None, "soon"),
        (None, "some-2", "2024-05-01", "2024-05-09", None),
        (twice, "none-1", facts["since"][1], "2024-05-09", None),
        (twice, None, "2024-05-01", "2024-05-09", None),
        (twice, "some-2", facts["since"][0], "2024-05-09", "2024-05-09"),
        (twice, "some-2", None, "2024-05-09", "never"),
        (twice, "some-2", "2024-05-03", "2024-05-09", "2024-05-02"),
        (twice, "some-2", "2024-05-04", "2024-05-09", facts["since"][2]),
        (twice, "some-2", "2024-05-02", None, "2024-05-02"),
        (twice, "some-2", "2024-05-01", "soon", None),
        (twice, "twice-2", "2024-01-31", None, None),
    ):
        branch.add("lendings", person, tool, taken, due, back)


def add_payments(branch):
    """Add payments; floats that are a hair below their cents among them."""
    rng, facts = branch.random, branch.facts
    lendings = [row[0] for row in branch.rows["lendings"]]
    for _ in range(facts["payments"]):
        day = branch.stamp(date(2023, 2, 1) + timedelta(days=rng.randrange(500)))
        amount = rng.choice((4.35, 1.1 + 2.2, 19.99, 0.29, 8.2, 5, -2.5, -0.29, rng.randrange(1, 9999) / 100))
        branch.add("payments", rng.choice(lendings), amount, rng.choice((day, day, day, None, branch.odd("since"))))
    for lending, amount, day in (
        (lendings[-1], "4.35", "2024-02-01"),
        (lendings[-1], "4,35", "2024-02-01"),
        (lendings[-1], "", "2024-02-01"),
        (lendings[-1], None, "2024-02-01"),
        (lendings[-1], 0, "2024-02-01"),
        (lendings[-1], 0.004, "2024-02-01"),
        (lendings[-1], -0.004, "2024-02-01"),
        (lendings[-1], 0.006, "2024-02-01"),
        (lendings[-12], 0, "2024-02-01"),
        (999_999, 5, "2024-02-01"),
        (None, None, None),
    ):
        branch.add("payments", lending, amount, day)


def literal(value):
    """Return a value as SQL says it."""
    if value is None:
        return "NULL"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def main():
    for path, facts in BRANCHES.items():
        branch = Branch(facts)
        for add in (add_people, add_tools, add_lendings, add_payments):
            add(branch)
        lines = [
            f"INSERT INTO {table} VALUES ({', '.join(map(literal, row))});"
            for table, rows in branch.rows.items()
            for row in rows
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        text = SCHEMA + "BEGIN;\n" + "\n".join(lines) + "\nCOMMIT;\n"
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
