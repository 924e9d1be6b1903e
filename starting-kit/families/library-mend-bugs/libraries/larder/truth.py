"""What larder should do, from the history of its commands; and calls to try it with."""

import json
from decimal import ROUND_HALF_UP, Decimal

ERROR = "LarderError"


class Wrong(Exception):
    """The library should raise its error."""


def settings(text):
    found = {}
    for word in text.split():
        key, value = (word + "=").split("=", 1)
        value = value[:-1]
        factor = {"s": 1, "m": 60, "h": 60 * 60}.get(value[-1:], 0) if key == "ttl" else 0
        digits = value[:-1] if factor else value
        if (
            key not in ("capacity", "ttl")
            or not set(digits) <= set("0123456789")
            or not 0 < len(digits) < 7
            or not int(digits)
        ):
            raise Wrong
        found[key] = int(digits) * (factor or 1)
    return {"capacity": 8, "ttl": 60, **found}


def replay(text, commands):
    chosen = settings(text)
    kept, results = [], []  # kept: [key, since, last use, value as JSON]
    for use, (now, word, *rest) in enumerate(commands):
        kept = [one for one in kept if one[1] + chosen["ttl"] > now]
        mine = next((one for one in kept if rest and one[0] == rest[0]), None)
        if word == "put":
            kept = [one for one in kept if one is not mine]
            if len(kept) == chosen["capacity"]:
                kept.remove(min(kept, key=lambda one: one[2]))
            kept.append([rest[0], now, use, json.dumps(rest[1])])
        elif word == "get":
            results.append(json.loads(mine[3]) if mine else None)
            if mine:
                mine[2] = use
        elif word == "push":
            if mine and mine[3][0] == "[":
                mine[3] = json.dumps([*json.loads(mine[3]), rest[1]])
        elif word == "keys":
            results.append([one[0] for one in sorted(kept, key=lambda one: one[2])])
        else:
            raise Wrong
    return results


def rate(hits, misses):
    if hits == misses == 0:
        return "never asked"
    percent = (Decimal(100 * hits) / (hits + misses)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{hits} of {hits + misses} ({percent}%)"


def table(pairs):
    longest = sorted([0, *(len(key) for key, _ in pairs)])[-1]
    return [key + " " * (longest - len(key) + 2) + str(value) for key, value in pairs]


def cases(random):
    def commands():
        now, found = random.randrange(5), []
        for _ in range(random.randrange(4, 26)):
            now += random.choice([0, 0, 1, 1, 2, 5, 10])
            key = random.choice("abcde")
            word = random.choice(["put", "put", "get", "get", "push", "keys"])
            value = random.choice([1, "x", [1, 2], [], [[3]], None])
            found.append([now, word, *{"put": [key, value], "get": [key], "push": [key, value], "keys": []}[word]])
        if random.random() < 0.06:
            found.append([now, random.choice(["pop", "expire", ""])])
        return found

    texts = [
        "capacity=2 ttl=10",
        "capacity=3 ttl=10s",
        "ttl=5s",
        "capacity=4",
        "capacity=3 ttl=1m",
        "capacity=2 ttl=3s",
        "ttl=20",
    ]
    found = [["replay", [random.choice(texts), commands()]] for _ in range(110)]
    odd = "capacity=1|ttl=1|ttl=1s|capacity=0|ttl=0m|capcity=3|ttl=2m|ttl=3h|ttl=12m capacity=5|capacity|ttl=|=3|capacity=3s|ttl=1.5m|ttl=-4"
    odd += "|ttl=5d|ttl=s|capacity=٣|capacity=1234567|capacity=000004|ttl=9 ttl=8|  ttl=7m  |TTL=5|size=4 ttl=9|capacity==4|ttl=2m=|"
    found += [["settings", [text]] for text in odd.split("|")]
    found += [["rate", [random.randrange(40), random.randrange(40)]] for _ in range(40)] + [
        ["rate", [0, 0]],
        ["rate", [1, 15]],
        ["rate", [2, 1]],
    ]
    words = "fig plum lemons quince rhubarb sloe".split()
    found += [
        ["table", [[[word, random.randrange(99)] for word in random.sample(words, random.randrange(5))]]]
        for _ in range(25)
    ]
    return found
