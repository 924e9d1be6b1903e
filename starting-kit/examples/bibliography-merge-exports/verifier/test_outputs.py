"""Compare the merged bibliography and the paper with what the rules of the prompt give on the pristine files."""

import json
import os
import unicodedata
from pathlib import Path

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
LIBRARY = [Path("/srv/library", f"{name}.bib") for name in ("group", "publisher", "preprints")]
PAPER = Path("/srv/paper/paper.tex")
ARXIV = Path(__file__).with_name("arxiv.json")
"""What arXiv says of the papers; a version that is out does not change."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
SPELLED = {"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "\\ss": "ss", "\\o": "o", "\\l": "l", "\\ae": "ae", "\\i": "i"}
LONGEST = 100_000
"""Characters of one value."""
COMMANDS = ("\\cite", "\\citep", "\\citet", "\\nocite")


class FromArxiv(str):
    """A value that had to be fetched: its letters count, and neither their case nor their accents."""


class Reader:
    """Reads BibTeX character by character; what is no BibTeX fails the test."""

    def __init__(self, text):
        self.text = text
        self.at = 0
        self.macros = {name: str(number) for number, name in enumerate(MONTHS, 1)}

    def peek(self):
        """Return the next character that is not white space, without taking it."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        assert self.at < len(self.text), "the file ends inside an entry"
        return self.text[self.at]

    def take(self, char):
        """Take one character that has to be there."""
        assert self.peek() == char, f"{char!r} is missing before {self.text[self.at : self.at + 40]!r}"
        self.at += 1

    def word(self):
        """Take a name: everything up to white space or a character that means something."""
        self.peek()
        start = self.at
        while self.at < len(self.text) and not self.text[self.at].isspace() and self.text[self.at] not in '{}=,#"':
            self.at += 1
        assert self.at > start, f"a name is missing before {self.text[start : start + 40]!r}"
        return self.text[start : self.at]

    def until(self, end):
        """Take text up to a character outside of inner braces, and that character."""
        start, depth = self.at, 0
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            if char == end and depth == 0:
                return self.text[start : self.at - 1]
            depth += (char == "{") - (char == "}")
        raise AssertionError(f"{end!r} is missing at the end of the file")

    def value(self):
        """Take the value of a field."""
        pieces = []
        while True:
            if self.peek() in '{"':
                self.at += 1
                pieces.append(self.until("}" if self.text[self.at - 1] == "{" else '"'))
            else:
                word = self.word()
                pieces.append(word if word.isdigit() else self.macros.get(word.lower()))
                assert pieces[-1] is not None, f"the macro {word!r} is not defined"
            assert sum(map(len, pieces)) < LONGEST, "a value is far too long: macros can grow without end"
            if self.peek() != "#":
                return " ".join("".join(pieces).split())
            self.at += 1

    def assignments(self):
        """Take fields up to the end of the entry; return name → value."""
        values = {}
        while self.peek() != "}":
            name = self.word().lower()
            self.take("=")
            assert name not in values, f"the field {name} stands twice in one entry"
            values[name] = self.value()
            if self.peek() != "}":
                self.take(",")
        self.at += 1
        return {name: value for name, value in values.items() if value}

    def entries(self):
        """Return (key, type, fields) of every entry."""
        found = []
        while (start := self.text.find("@", self.at)) >= 0:
            self.at = start + 1
            kind = self.word().lower()
            self.take("{")
            if kind in ("comment", "preamble"):
                self.until("}")
            elif kind == "string":
                self.macros |= self.assignments()
            else:
                key = self.word()
                if self.peek() != "}":
                    self.take(",")
                found.append((key, kind, self.assignments()))
        return found


def read_library():
    """Return the entries of all three files, DOIs bare, with what arXiv knows of those without a title."""
    found = [entry for path in LIBRARY for entry in Reader(path.read_text(encoding="utf-8")).entries()]
    known = json.loads(ARXIV.read_text(encoding="utf-8"))
    for _, _, values in found:
        if "title" not in values:
            paper = known[values["eprint"].removeprefix("arXiv:")]
            values.update({name: FromArxiv(paper[name]) for name in paper.keys() - values.keys()})
        if "doi" in values:
            values["doi"] = "10." + values["doi"].lower().partition("10.")[2]
    return found


def bare(title):
    """Return a title without accents, commands, case and punctuation."""
    text, at = "", 0
    while at < len(title):
        end = at + 1
        if title[at] == "\\":
            while end < len(title) and title[end].isascii() and title[end].isalpha():
                end += 1
            end = max(end, at + 2)
            text += SPELLED.get(title[at:end].lower(), "")
        else:
            text += SPELLED.get(title[at].lower(), title[at])
        at = end
    plain = unicodedata.normalize("NFKD", text).lower()
    return "".join(char for char in plain if char.isascii() and char.isalnum())


def works(found):
    """Return the works, each as a list of positions in ``found``: sets that share an entry are joined until none do."""
    with_doi = [i for i, (_, _, values) in enumerate(found) if "doi" in values]
    joined = [{i} for i in range(len(found))]
    for i, (_, _, one) in enumerate(found):
        for j, (_, _, other) in enumerate(found):
            titles = bare(one["title"]) == bare(other["title"]) and one["year"] == other["year"]
            if (one["doi"] == other["doi"]) if {i, j} <= set(with_doi) else titles:
                joined.append({i, j})
    done = []
    for group in joined:
        touching = [other for other in done if other & group]
        done = [other for other in done if not other & group] + [group.union(*touching)]
    return sorted(sorted(group) for group in done)


def expected():
    """Return the merged entries by key, and which key of the library becomes which."""
    found, merged, becomes = read_library(), {}, {}
    for members in works(found):
        first, suffixes = found[members[0]][0], iter(("", *"bcdefghijklmnopqrstuvwxyz"))
        while (key := first + next(suffixes)) in merged:
            pass
        kinds = [found[i][1] for i in members if found[i][1] != "misc"]
        values = {}
        for i in members:
            values = {**found[i][2], **values}
        merged[key] = (kinds or ["misc"])[0], {n: v for n, v in values.items() if n not in ("abstract", "file")}
        becomes.update(dict.fromkeys(members, key))
    return merged, {found[i][0]: becomes[i] for i in sorted(becomes, reverse=True)}


def expected_paper():
    """Return the paper with new keys; walks from brace to brace and looks at what stands before."""
    _, becomes = expected()
    parts = PAPER.read_bytes().decode().split("{")
    for index in range(1, len(parts)):
        before = parts[index - 1].removesuffix("*")
        for _ in range(2):
            if before.endswith("]"):
                before = before[: before.rindex("[")]
        command = "\\" + before.removesuffix("*").rpartition("\\")[2]
        if command in COMMANDS and "}" in parts[index]:
            inside, after = parts[index].split("}", 1)
            keys = [key.strip() for key in inside.split(",")]
            parts[index] = ",".join(dict.fromkeys(becomes.get(key, key) for key in keys)) + "}" + after
    return "{".join(parts)


def written(name):
    """Return the text that the agent wrote; whatever else lies there fails the test."""
    path = WORKSPACE / name
    assert path.is_file() and not path.is_symlink(), f"{path} is missing"
    assert path.stat().st_size < 200_000, f"{path} is far too long"
    return path.read_bytes().decode("utf-8")


def merged():
    """Return the entries that the agent wrote, by key."""
    entries = Reader(written("merged.bib")).entries()
    by_key = {key: (kind, values) for key, kind, values in entries}
    assert len(by_key) == len(entries), "a key stands twice in merged.bib"
    return by_key


def test_every_work_is_there_once_under_its_key():
    assert sorted(merged()) == sorted(expected()[0])


def test_every_work_has_its_type():
    assert {key: kind for key, (kind, _) in merged().items()} == {k: kind for k, (kind, _) in expected()[0].items()}


def agrees(mine, wanted):
    """Say whether a value is the one that is wanted."""
    if isinstance(wanted, FromArxiv):
        return [bare(part) for part in mine.split(" and ")] == [bare(part) for part in wanted.split(" and ")]
    return mine == wanted


def test_every_field_is_right():
    mine = {key: values for key, (_, values) in merged().items()}
    for key, (_, values) in expected()[0].items():
        assert mine[key].keys() == values.keys(), key
        wrong = [name for name, wanted in values.items() if not agrees(mine[key][name], wanted)]
        assert not wrong, f"{key}: {wrong}"


def test_the_paper_cites_by_the_new_keys():
    assert written("paper.tex") == expected_paper()
