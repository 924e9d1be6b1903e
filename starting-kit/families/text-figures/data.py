"""A short text of words and numbers, and what each topic is of it."""

import hashlib

WORDS = ["amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "harbour", "island", "jetty", "kiln", "lagoon"]


def letters_of(lines, some):
    return str(sum(letter in some for line in lines for letter in line))


TOPICS = {
    "line count": lambda lines: [str(len(lines))],
    "word count": lambda lines: [str(2 * len(lines))],
    "letter count": lambda lines: [letters_of(lines, "abcdefghijklmnopqrstuvwxyz")],
    "digit count": lambda lines: [letters_of(lines, "0123456789")],
    "vowel count": lambda lines: [letters_of(lines, "aeiou")],
    "first line": lambda lines: lines[:1],
    "last line": lambda lines: lines[-1:],
    "longest line": lambda lines: [max(lines, key=len)],
    "shortest line": lambda lines: [min(lines, key=len)],
    "middle line": lambda lines: [lines[len(lines) // 2]],
    "sorted lines": sorted,
    "reverse order": lambda lines: lines[::-1],
    "unique lines": lambda lines: list(dict.fromkeys(lines)),
    "number total": lambda lines: [str(sum(int(line.split()[1]) for line in lines))],
    "largest number": lambda lines: [str(max(int(line.split()[1]) for line in lines))],
    "smallest number": lambda lines: [str(min(int(line.split()[1]) for line in lines))],
    "capital letters": lambda lines: [line.upper() for line in lines],
    "initials": lambda lines: ["".join(line[0] for line in lines)],
    "even lines": lambda lines: lines[1::2],
    "odd lines": lambda lines: lines[::2],
    "numbered lines": lambda lines: [f"{number} {line}" for number, line in enumerate(lines, 1)],
    "mirror image": lambda lines: [line[::-1] for line in lines],
    "dashed lines": lambda lines: [line.replace(" ", "-") for line in lines],
    "check sum": lambda lines: [hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()],
}


def make(values, random):
    """Return no words, and the files: an odd number of lines, one of which comes twice."""
    lines = [f"{word} {random.randrange(2, 400)}" for word in random.sample(WORDS, random.choice([4, 6, 8]))]
    lines.insert(random.randrange(1, len(lines)), lines[0])
    expected = TOPICS[values["topic"]](lines)
    return {}, {
        f"environment/{values['file']}": "".join(f"{line}\n" for line in lines),
        "verifier/expected.txt": "".join(f"{line}\n" for line in expected),
    }
