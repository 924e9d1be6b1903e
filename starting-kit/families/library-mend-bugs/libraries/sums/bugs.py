"""What may be wrong in sums: part → kind → the fault, and calls of which the last shows it."""

BUGS = {
    "reading": {
        "edge": {
            "function": "tokens",
            "sound": '    number = r"[0-9]*\\.?[0-9]+"\n',
            "broken": '    number = r"[0-9]+(?:\\.[0-9]+)?"\n',
            "title": "A number may begin with its point",
            "symptom": "Half of something cannot be asked for as the wholesalers write it, without a nought before the point; the text is"
            " turned away.",
            "calls": [["evaluate", ["4 * .5", {}]]],
        },
        "lenient": {
            "function": "tokens",
            "sound": '        if not match:\n            raise SumError(f"{text[place:]!r} cannot be read")\n',
            "broken": "        if not match:\n            place += 1\n            continue\n",
            "title": "A character without meaning is an error",
            "symptom": "Rubbish in a formula goes unnoticed. A dollar sign or a question mark among the numbers is passed over in silence, and"
            " out comes a price.",
            "calls": [["evaluate", ["12 + $3", {}]]],
        },
        "mixed-up": {
            "function": "tokens",
            "sound": '    name = r"[A-Za-z_][A-Za-z_0-9]*"\n',
            "broken": '    name = r"[A-Za-z_]+"\n',
            "title": "Names may have digits in them",
            "symptom": "We number our rebates. Since the update none of them is found any more, whereas those that are called by a word alone"
            " still are.",
            "calls": [["evaluate", ["x1 + 1", {"x1": 4}]]],
        },
    },
    "working": {
        "boundary": {
            "function": "Reader.factor",
            "sound": "        if exponent.denominator != 1 or not 0 <= exponent <= 20:\n",
            "broken": "        if exponent.denominator != 1 or not 0 < exponent <= 20:\n",
            "title": "The power of nought is one",
            "symptom": "Compound interest fails for the first year, in which the growth is raised to nothing and should be one: it ends in an"
            " error.",
            "calls": [["evaluate", ["3 * 7 ^ 0", {}]]],
        },
        "aliasing": {
            "function": "evaluate",
            "sound": "    names = dict(names)\n    value = None\n",
            "broken": "    value = None\n",
            "title": "Names given in a text stay in it",
            "symptom": "The table of prices that we hand in comes back with more in it than before, and with prices changed, whenever a formula"
            " gives a name to something.",
            "calls": [["evaluate", ["price = price + 1; price * 2", {"price": 3}]]],
        },
        "order": {
            "function": "Reader.sum",
            "sound": "                value -= self.product()\n",
            "broken": "                value -= self.sum()\n",
            "title": "Differences group from the left",
            "symptom": "Whoever subtracts twice gets too much: the second amount is given back instead of being taken away as well.",
            "calls": [["evaluate", ["10 - 3 - 2", {}]]],
        },
        "stale": {
            "function": "Reader.__init__",
            "sound": "    def __init__(self, words, names):\n        self.words, self.place = words, 0\n        self.names = names\n",
            "broken": "    names = {}\n\n    def __init__(self, words, names):\n        self.words, self.place = words, 0\n"
            "        self.names.update(names)\n",
            "title": "A name is forgotten with its text",
            "symptom": "A formula with a misspelt name should be refused. It is, when it is the first of the day; later on it may take the value"
            " that some customer before had under that name.",
            "calls": [["evaluate", ["rate * 2", {"rate": 5}]], ["evaluate", ["rate + 1", {}]]],
        },
    },
    "showing": {
        "rounding": {
            "function": "show",
            "sound": "    units = (2 * abs(exact) * 10**places + 1) // 2\n",
            "broken": "    units = round(abs(exact) * 10**places)\n",
            "title": "Halves are rounded away from zero",
            "symptom": "Our tills and the library disagree by one in the last place, yet only for amounts that end in just a half, and only for"
            " every other of these.",
            "calls": [["show", ["5/2", 0]]],
        },
        "nothing": {
            "function": "show",
            "sound": '    sign = "-" if exact < 0 and units else ""\n',
            "broken": '    sign = "-" if exact < 0 else ""\n',
            "title": "A value that rounds to nothing has no sign",
            "symptom": "Statements show people a balance of minus nothing. It frightens them.",
            "calls": [["show", ["-1/1000", 2]]],
        },
        "padding": {
            "function": "show",
            "sound": '    return f"{sign}{whole:,}.{part:0{places}d}"\n',
            "broken": '    return f"{sign}{whole:,}.{part}"\n',
            "title": "Decimals keep their noughts",
            "symptom": "Five cents are printed as fifty: the nought between the point and the five is gone.",
            "calls": [["show", ["161/20", 2]]],
        },
    },
}
