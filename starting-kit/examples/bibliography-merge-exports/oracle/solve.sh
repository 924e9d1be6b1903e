#!/bin/bash
set -euo pipefail

# Which entries have nothing but an arXiv id?
grep -n -A3 'eprint' /srv/library/*.bib | grep -i 'v[0-9]'

cat > /root/merge.py <<'PY'
import re
import time
import unicodedata
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

ARXIV = "http://export.arxiv.org/api/query"
ATOM = {"atom": "http://www.w3.org/2005/Atom"}
FILES = ("group", "publisher", "preprints")
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
LETTERS = str.maketrans({"ß": "ss", "ẞ": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "æ": "ae", "Æ": "ae"})


def closing(text, start):
    """Return where the brace closes that opens at start."""
    depth = 0
    for index in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return index
    raise ValueError("a brace does not close")


def piece_end(text, start):
    """Return the end of the quoted piece that starts at start."""
    depth, index = 0, start + 1
    while text[index] != '"' or depth:
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        index += 1
    return index


def fields(body, macros):
    """Yield (name, value) for everything of the form name = value in the body of an entry."""
    index = 0
    while match := re.compile(r"[\s,]*([^\s=,]+)\s*=\s*").match(body, index):
        name, value, index = match[1].lower(), "", match.end()
        while True:
            if body[index] == "{":
                end = closing(body, index)
                value, index = value + body[index + 1 : end], end + 1
            elif body[index] == '"':
                end = piece_end(body, index)
                value, index = value + body[index + 1 : end], end + 1
            else:
                word = re.compile(r"[^\s,#]+").match(body, index)
                value, index = value + (word[0] if word[0].isdigit() else macros[word[0].lower()]), word.end()
            if not (joined := re.compile(r"\s*#\s*").match(body, index)):
                break
            index = joined.end()
        if value := " ".join(value.split()):
            yield name, value


def entries(text):
    macros = {name: str(number) for number, name in enumerate(MONTHS, 1)}
    index = 0
    while match := re.compile(r"@\s*(\w+)\s*\{").search(text, index):
        end = closing(text, match.end() - 1)
        kind, body, index = match[1].lower(), text[match.end() : end], end + 1
        if kind == "string":
            macros.update(fields(body, macros))
        elif kind not in ("comment", "preamble"):
            key, _, rest = body.partition(",")
            entry = dict(fields(rest, macros))
            if "doi" in entry:
                entry["doi"] = entry["doi"].lower()[entry["doi"].index("10.") :]
            yield key.strip(), kind, entry


def ask(names):
    """Return arXiv's answer about all papers; waits before it asks again, and follows arXiv to https."""
    query = urllib.parse.urlencode({"id_list": ",".join(names), "max_results": len(names)}, safe=",/")
    for pause in (3, 9, 0):
        request = urllib.request.Request(f"{ARXIV}?{query}", headers={"User-Agent": "merge.py (one request in all)"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # through the proxy that http_proxy names
                return answer.read()
        except OSError as error:
            refused = isinstance(error, urllib.error.HTTPError) and error.code < 500 and error.code != 429
            if refused or not pause:
                raise SystemExit(f"arXiv does not answer: {error}") from error
            print(f"{error}: once more in {pause} seconds")
            time.sleep(pause)


def papers(names):
    """Return title, author and year of each paper by its id; entries come in an order of arXiv's own."""
    known = {}
    for entry in xml.etree.ElementTree.fromstring(ask(names)).iterfind("atom:entry", ATOM):
        authors = [" ".join(name.text.split()) for name in entry.iterfind("atom:author/atom:name", ATOM)]
        known[entry.findtext("atom:id", namespaces=ATOM).partition("/abs/")[2]] = {
            "title": " ".join(entry.findtext("atom:title", namespaces=ATOM).split()),
            "author": " and ".join(authors),
            "year": entry.findtext("atom:published", namespaces=ATOM)[:4],
        }
    if missing := sorted(set(names) - known.keys()):
        raise SystemExit(f"arXiv does not know {', '.join(missing)}")
    return known


def bare(title):
    title = re.sub(r"\\(ss|o|l|ae|i)(?![A-Za-z])", r"\1", title, flags=re.IGNORECASE).translate(LETTERS)
    title = re.sub(r"\\([A-Za-z]+|.)", "", title)
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", title).lower())


found = [entry for name in FILES for entry in entries(open(f"/srv/library/{name}.bib", encoding="utf-8").read())]

untitled = {index: entry["eprint"].removeprefix("arXiv:") for index, (_, _, entry) in enumerate(found) if "title" not in entry}
known = papers(sorted(set(untitled.values())))
for index, name in untitled.items():
    key, kind, entry = found[index]
    found[index] = key, kind, known[name] | entry

work = list(range(len(found)))


def root(index):
    while work[index] != index:
        index = work[index]
    return index


def same(one, other):
    if "doi" in one and "doi" in other:
        return one["doi"] == other["doi"]
    return one.get("year") == other.get("year") and bare(one["title"]) == bare(other["title"])


for later in range(len(found)):
    for earlier in range(later):
        if same(found[earlier][2], found[later][2]):
            low, high = sorted((root(earlier), root(later)))
            work[high] = low

keys, merged, taken = {}, [], set()
for first in sorted({root(index) for index in range(len(found))}):
    members = [found[index] for index in range(len(found)) if root(index) == first]
    key = next(k for k in (members[0][0] + end for end in ("", *"bcdefghijklmnopqrstuvwxyz")) if k not in taken)
    taken.add(key)
    kind = next((kind for _, kind, _ in members if kind != "misc"), "misc")
    values = {}
    for _, _, entry in reversed(members):
        values |= entry
    values = {name: values[name] for name in sorted(values) if name not in ("abstract", "file")}
    merged.append((key, kind, values))
    keys[first] = key

with open("/root/merged.bib", "w", encoding="utf-8") as file:
    for key, kind, values in merged:
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in values.items())
        file.write(f"@{kind}{{{key},\n{lines}}}\n\n")

becomes = {}
for index, (key, _, _) in enumerate(found):
    becomes.setdefault(key, keys[root(index)])


def recite(match):
    named = dict.fromkeys(becomes.get(key.strip(), key.strip()) for key in match[2].split(","))
    return f"{match[1]}{{{','.join(named)}}}"


paper = open("/srv/paper/paper.tex", encoding="utf-8", newline="").read()
paper = re.sub(r"(\\(?:cite[pt]?|nocite)\*?(?:\[[^\]]*\]){0,2})\{([^{}]*)\}", recite, paper)
open("/root/paper.tex", "w", encoding="utf-8", newline="").write(paper)
PY

python3 /root/merge.py
grep -c '^@' /root/merged.bib
grep -n 'cite' /root/paper.tex
