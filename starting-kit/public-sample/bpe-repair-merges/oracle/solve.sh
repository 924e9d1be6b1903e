#!/bin/bash
set -euo pipefail
cd /srv/tokenizer
cat config.json
wc -l vocab.json merges.txt corpus.jsonl new.jsonl
sed -n 300,312p merges.txt
head -c 600 corpus.jsonl

mkdir -p /root/mended
cat > /root/bpe.py <<'PY'
"""Byte-level BPE: the alphabet of bytes, and the merges of a piece."""
import json
import re

FOLDER = "/srv/tokenizer/"
config = json.load(open(FOLDER + "config.json"))
SPECIAL = config["special_token"]
pieces = re.compile(config["pattern"]).findall
plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
others = [byte for byte in range(256) if byte not in plain]
ALPHABET = {byte: chr(byte) for byte in plain} | {byte: chr(256 + place) for place, byte in enumerate(others)}


def lines(name):
    return [json.loads(line) for line in open(FOLDER + name, encoding="utf-8")]


def spell(text):
    return "".join(ALPHABET[byte] for byte in text.encode())


def apply_merges(piece, ranks):
    """Return the tokens of a piece, a text in the alphabet of bytes."""
    tokens = list(piece)
    while len(tokens) > 1:
        pair = min(zip(tokens, tokens[1:]), key=lambda pair: ranks.get(pair, len(ranks)))
        if pair not in ranks:
            break
        place = 0
        while place < len(tokens) - 1:
            if (tokens[place], tokens[place + 1]) == pair:
                tokens[place : place + 2] = ["".join(pair)]
            place += 1
    return tokens


def encode(text, vocab, ranks):
    ids = []
    for place, part in enumerate(text.split(SPECIAL)):
        ids += [vocab[SPECIAL]] if place else []
        ids += [vocab[token] for piece in pieces(part) for token in apply_merges(spell(piece), ranks)]
    return ids
PY

cat > /root/mend.py <<'PY'
import json
from itertools import permutations

from bpe import ALPHABET, FOLDER, SPECIAL, encode, apply_merges, lines, pieces, spell

vocab = json.load(open(FOLDER + "vocab.json", encoding="utf-8"))
merges = [tuple(line.split()) for line in open(FOLDER + "merges.txt", encoding="utf-8").read().splitlines()[1:]]
corpus = lines("corpus.jsonl")
tokens = {number: token for token, number in vocab.items()}
size = vocab[SPECIAL]  # the special token comes last, so this many tokens are bytes or results of merges
tokens |= dict(enumerate(ALPHABET.values()))
print(len(merges), "merges left,", size - 256 - len(merges), "lost;", size + 1 - len(tokens), "tokens unknown")

# 1. Tokens that the corpus shows. Each piece of a text is made of whole tokens, and these lie one behind the other: go
# through the ids with all places at which a token can begin, then back, and keep for each unknown one the texts that fit.
possible = {}


def ends(text, start, stop, number):
    """Yield where a token that begins at a place can end; ``stop`` is where its piece ends."""
    if number in tokens:
        if text.startswith(tokens[number], start) and start + len(tokens[number]) <= stop:
            yield start + len(tokens[number])
        return
    for end in range(start + 2, stop + 1):
        token = text[start:end]
        if token not in known and token in possible.get(number, [token]):
            yield end


def narrow(document):
    """Keep of each unknown token what fits one document."""
    spelled = [spell(piece) for piece in pieces(document["text"])]
    text, stops, end = "".join(spelled), [], 0
    for piece in spelled:
        end += len(piece)
        stops += [end] * len(piece)
    reached, steps = {0}, []
    for number in document["ids"]:
        steps.append([(at, to) for at in reached if at < len(text) for to in ends(text, at, stops[at], number)])
        reached = {to for _, to in steps[-1]}
    good, found = {len(text)}, {}
    for number, step in zip(reversed(document["ids"]), reversed(steps)):
        step = [(at, to) for at, to in step if to in good]
        good = {at for at, _ in step}
        if number not in tokens:
            texts = {text[at:to] for at, to in step}
            found[number] = found.get(number, texts) & texts
    for number, texts in found.items():
        possible[number] = possible.get(number, texts) & texts


while True:
    known = set(tokens.values())
    for document in corpus:
        narrow(document)
    sure = {number: texts.pop() for number, texts in possible.items() if len(texts) == 1}
    if not sure:
        break
    tokens |= sure
    possible = {number: texts for number, texts in possible.items() if number not in sure}
assert not possible, possible
print("with the corpus:", size + 1 - len(tokens), "tokens unknown")

# 2. Tokens whose line is left. Whether a block ends there or not, their ids lie between those of the lines around.
number_of = {token: number for number, token in tokens.items()}
for before, pair, behind in zip(merges, merges[1:], merges[2:]):
    if "".join(pair) not in number_of:
        between = range(number_of["".join(before)] + 1, number_of["".join(behind)])
        (number,) = [number for number in between if number not in tokens]
        number_of["".join(pair)] = number
tokens = {number: token for token, number in number_of.items()}
print("with the lines around:", size + 1 - len(tokens), "tokens unknown")

# 3. Tokens that nothing but a later merge names, as one of its parts. Try which of them has which id.
missing = sorted(set(range(size)) - set(tokens))
orphans = sorted({part for pair in merges for part in pair} - set(number_of))
assert len(missing) == len(orphans), (missing, orphans)


def learned(tokens):
    """Return the merges that make the tokens, or None. A token falls into two parts under the merges before its own."""
    ranks = {}
    for number in range(256, size):
        pair = tuple(apply_merges(tokens[number], ranks))
        if len(pair) != 2:
            return None
        ranks[pair] = number - 256
    return ranks


fits = []
for order in permutations(orphans):
    tried = tokens | dict(zip(missing, order))
    ranks = learned(tried)
    if ranks is None or not set(merges) <= set(ranks):
        continue
    vocab = {token: number for number, token in sorted(tried.items())}
    if all(encode(document["text"], vocab, ranks) == document["ids"] for document in corpus):
        fits.append((vocab, ranks))
assert len(fits) == 1, len(fits)
vocab, ranks = fits[0]
print("mended:", len(vocab), "tokens,", len(ranks), "merges; the corpus is encoded as it was")

with open("/root/mended/vocab.json", "w", encoding="utf-8") as file:
    json.dump(vocab, file, ensure_ascii=False)
with open("/root/mended/merges.txt", "w", encoding="utf-8") as file:
    file.write("#version: 0.2\n" + "".join(f"{left} {right}\n" for left, right in ranks))
with open("/root/mended/encoded.jsonl", "w", encoding="utf-8") as file:
    for line in lines("new.jsonl"):
        file.write(json.dumps({"name": line["name"], "ids": encode(line["text"], vocab, ranks)}) + "\n")
PY

python3 /root/mend.py
tail -2 /root/mended/encoded.jsonl
