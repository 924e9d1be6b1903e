"""What chains should do, by trying whatever is not done yet; and calls to try it with."""

ERROR = "ChainError"
FIRST = set("abcdefghijklmnopqrstuvwxyz")
REST = FIRST | set("0123456789-")


class Wrong(Exception):
    """The library should raise its error."""


def parse(text):
    pairs, names = set(), set()
    for line in text.split("\n"):
        words = line.split("#")[0]
        if words.strip():
            head, *tail = words.split(":", 1)
            others = [other.strip() for other in tail[0].split(",")] if tail and tail[0].strip() else []
            for name in [head.strip(), *others]:
                if name[:1] not in FIRST or not set(name) <= REST or name == "":
                    raise Wrong
            if head.strip() in others:
                raise Wrong
            names |= {head.strip(), *others}
            pairs |= {(head.strip(), other) for other in others}
    return {name: sorted(other for mine, other in pairs if mine == name) for name in names}


def order(needs):
    done = []
    while len(done) < len(needs):
        ready = [name for name in needs if name not in done and set(needs[name]) <= set(done)]
        if not ready:
            raise Wrong
        done.append(min(ready))
    return done


def finish(needs, minutes):
    order(needs)
    own = {name: minutes[name] if name in minutes else 1 for name in needs}
    ends = dict(own)
    for _ in needs:  # as often as a chain can be long
        ends = {name: own[name] + max([0, *(ends[other] for other in needs[name])]) for name in needs}
    return ends


def done_by(needs, minutes, limit):
    pairs = sorted((end, name) for name, end in finish(needs, minutes).items())
    return [name for end, name in pairs if not end > limit]


def wrap(names, width):
    lines, rest = [], list(names)
    while rest:
        count = max([1, *(n for n in range(2, len(rest) + 1) if len(" > ".join(rest[:n])) <= width)])
        lines.append(" > ".join(rest[:count]))
        rest = rest[count:]
    return lines


def duration(seconds):
    minutes = -(-seconds // 60)
    return f"{minutes} min" if minutes < 60 else "%d h %02d min" % (minutes // 60, minutes % 60)


def cases(random):
    words = "attic beams crane doors earth floor gate-2 hinge inlet joist keys lamp".split()

    def needs():
        names = random.sample(words, random.randrange(1, 9))
        found = {
            name: sorted(random.sample(names[:place], random.randrange(min(place, 3) + 1)))
            for place, name in enumerate(names)
        }
        if random.random() < 0.1:
            found[names[0]] = [names[-1]]
        order = list(found)
        random.shuffle(order)
        return {name: found[name] for name in order}

    def minutes(mine):
        return {name: random.randrange(1, 6) for name in mine if random.random() < 0.7}

    def text():
        lines = []
        for _ in range(random.randrange(1, 7)):
            name, *others = random.sample(words, random.randrange(1, 4))
            gap = random.choice(["", " ", "  "])
            note = random.choice(["", "", " # soon: a, b", "#"])
            lines.append(
                f"{gap}{name}{gap}:{gap}{f',{gap}'.join(others)}{note}"
                if others
                else f"{name}{random.choice(['', ':', ' : '])}{note}"
            )
        return "\n".join([*lines, random.choice(odd)] if random.random() < 0.4 else lines)

    odd = [
        "a: b,",
        "a: a",
        "Attic",
        "9a",
        "a: b: c",
        "a b",
        ": a",
        "a: ,b",
        "# nothing",
        "",
        "a: b, b",
        "ä: b",
        "lamp: keys, lamp",
        "-a",
        "a-9-",
    ]
    found = (
        [["parse", [text()]] for _ in range(70)]
        + [["parse", [one]] for one in odd]
        + [["parse", [line]] for line in ("", "a: b\na: c\na: b", "a: b\nb: a")]
    )
    for _ in range(40):
        mine = needs()
        found += [
            ["order", [mine]],
            ["finish", [mine, minutes(mine)]],
            ["done_by", [mine, minutes(mine), random.randrange(3, 12)]],
        ]
    found += [["wrap", [random.sample(words, random.randrange(8)), random.randrange(4, 30)]] for _ in range(40)]
    found += [
        ["duration", [random.choice([0, 1, 59, 60, 61, 3540, 3541, 3600, 3601, random.randrange(30000)])]]
        for _ in range(30)
    ]
    return found
