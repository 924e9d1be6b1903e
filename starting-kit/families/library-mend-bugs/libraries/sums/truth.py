"""What sums should do, by splitting texts at the sign that binds least; and calls to try it with."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

ERROR = "SumError"
LETTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
DIGITS = set("0123456789")


class Wrong(Exception):
    """The library should raise its error."""


def words_of(text):
    found, place = [], 0
    while place < len(text):
        end = place + 1
        if text[place] in LETTERS:
            while end < len(text) and text[end] in LETTERS | DIGITS:
                end += 1
        elif text[place] in DIGITS or text[place] == ".":
            end = place
            while end < len(text) and text[end] in DIGITS:
                end += 1
            after = end + 1
            while after < len(text) and text[end] == "." and text[after] in DIGITS:
                after += 1
            end = after if after > end + 1 else end
            if end == place:
                raise Wrong
        elif text[place] not in "+-*/^()= ":
            raise Wrong
        found += [text[place:end]] if text[place] != " " else []
        place = end
    return found


def last(words, signs):
    """Return the place of the last sign outside of brackets that stands between two operands; 0 for none."""
    depth, found = 0, 0
    for place, word in enumerate(words):
        depth += (word == "(") - (word == ")")
        if depth == 0 and place and word in signs and words[place - 1] not in "+-*/^(":
            found = place
    return found


def value_of(words, names):
    if at := last(words, "+-"):
        left, right = value_of(words[:at], names), value_of(words[at + 1 :], names)
        return left + right if words[at] == "+" else left - right
    if at := last(words, "*/"):
        left, right = value_of(words[:at], names), value_of(words[at + 1 :], names)
        if words[at] == "/" and right == 0:
            raise Wrong
        return left * right if words[at] == "*" else left / right
    if words[:1] == ["-"]:
        return -value_of(words[1:], names)
    if "^" in words and (at := next((i for i, w in enumerate(words) if w == "^" and is_whole(words[:i])), 0)):
        exponent = value_of(words[at + 1 :], names)
        if exponent not in range(21):
            raise Wrong
        return value_of(words[:at], names) ** int(exponent)
    if words[:1] == ["("] and words[-1] == ")":
        return value_of(words[1:-1], names)
    if len(words) != 1 or (words[0][0] in LETTERS and words[0] not in names) or words[0] in "+-*/^()=":
        raise Wrong
    return Fraction(names[words[0]] if words[0] in names else words[0])


def is_whole(words):
    return words.count("(") == words.count(")") and words != []


def evaluate(text, names):
    known, value = {**names}, None
    for statement in text.split(";"):
        words = words_of(statement)
        target = words[0] if words[1:2] == ["="] else None
        if target and target[0] not in LETTERS:
            raise Wrong
        words = words[2:] if target else words
        depth = 0
        for word in words:
            depth += (word == "(") - (word == ")")
            if depth < 0:
                raise Wrong
        if depth or not words:
            raise Wrong
        value = value_of(words, known)
        known |= {target: value} if target else {}
    return str(value)


def show(value, places):
    exact = Fraction(value)
    with localcontext() as context:
        context.prec = 60
        number = Decimal(exact.numerator) / Decimal(exact.denominator)
        text = f"{number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
    return text.lstrip("-") if not set(text) & set("123456789") else text


def cases(random):
    def atom(depth):
        kind = random.random()
        if depth and kind < 0.3:
            return f"({expression(depth - 1)})"
        if kind < 0.55:
            return random.choice(["a", "b2", "rate", "_x", "x1", "a"])
        return random.choice(["2", "3", "10", "7", ".5", "1.25", "0", "0.1", "04"])

    def factor(depth):
        text = random.choice(["", "", "", "-"]) + atom(depth)
        return text + (
            f" ^ {random.choice(['0', '2', '3', '-0', '1', '2 ^ 2', '(1 + 1)', '.5', '21'])}"
            if random.random() < 0.2
            else ""
        )

    def expression(depth):
        text = factor(depth)
        for _ in range(random.randrange(4)):
            text += random.choice([" - ", " + ", "*", " / ", "-", " - "]) + factor(depth)
        return text

    def names():
        some = random.sample(["a", "b2", "rate", "_x", "x1", "c"], random.choice([3, 5, 6]))
        return {name: random.randrange(-4, 12) for name in some}

    found = [
        ["evaluate", ["a * c", {"a": 1, "c": 2}]],
        ["evaluate", ["a * c", {"a": 1}]],
        ["evaluate", ["7^0 + b2^0", {"b2": 0}]],
    ]
    for _ in range(160):
        text = expression(2)
        if random.random() < 0.3:
            text = f"{random.choice(['a', 'total', 'x1', 'rate'])} = {expression(1)}; {text}"
        if random.random() < 0.12:
            text += random.choice([" $", "?", " 3", ")", " +", "; ", " = 2", ". ", " ..5", "(", "é"])
        found.append(["evaluate", [text, names()]])
    for text in (
        "3 = 4",
        "",
        "a b",
        "()",
        "2 ^ 3 ^ 2 - 1",
        "-2^2",
        "2^-0",
        "9 - 4 - 3 - 1",
        "8 / 4 / 2",
        "1 # 2",
        "4 - -.5",
        "()3",
        "(1)(2)",
    ):
        found.append(["evaluate", [text, names()]])
    values = [
        "-1/1000",
        "1/8",
        "-1/8",
        "3/8",
        "5/2",
        "7/2",
        "-1/2",
        "1/2",
        "0",
        "-2469/2",
        "161/20",
        "1000000",
        "999999/1000",
        "-1/3",
        "201/2",
    ]
    found += [["show", [value, places]] for value in values for places in (0, 1, 2, 3)]
    found += [
        [
            "show",
            [
                str(Fraction(random.randrange(-9999999, 9999999), random.choice([1, 3, 8, 40, 1000]))),
                random.randrange(4),
            ],
        ]
        for _ in range(40)
    ]
    return found
