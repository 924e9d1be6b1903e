"""Train the tokenizer of this task, keep it for the verifier, and write what is left of it after the transport.

    python3 generate.py

The same seed gives the same bytes. The agent never sees this file.
"""

import json
import random
import re
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
DAMAGED, ORIGINAL = PACKAGE / "environment" / "tokenizer", PACKAGE / "verifier" / "data"
SEED = 4111
MERGES = 620
PATTERN = r" ?[^\W\d_]+| ?\d{1,3}| ?[^\s\w]+|_+|\s+(?!\S)|\s+"
SPECIAL = "<|endoftext|>"
BLOCKS = (96, 60, 131, 84, 158)
LOST = {"seen": 46, "unseen": 14, "named": 3, "lines": 48}
LOST_BYTES = (0x0A, 0x51, 0x80, 0xF0)

WHO = [
    "The operator", "A customer", "Our partner", "The night shift", "Nobody", "The second reviewer",
    "Every gateway", "This controller", "The warehouse team", "A technician",
]  # fmt: skip
DOES = [
    "restarted", "inspected", "cancelled", "reported", "replaced", "configured", "misplaced", "unlocked",
    "confirmed", "recalculated", "transferred", "documented",
]  # fmt: skip
WHAT = [
    "the delivery", "a shipment of bearings", "the temperature sensor", "an outdated certificate",
    "the storage container", "their subscription", "the emergency generator", "a handwritten invoice",
    "the conveyor", "another notification", "the authentication token", "the thermostat",
]  # fmt: skip
WHEN = [
    "before the inspection", "without permission", "during the second interruption", "after midnight",
    "at the distribution centre", "in spite of the warning", "while the connection was unstable", "on Thursday",
    "within the configured interval", "because the instructions were contradictory",
]  # fmt: skip
OTHER = [
    "Die Überprüfung der Lieferung dauerte länger als erwartet; die Rückmeldung fehlt noch.",
    "La température était élevée, mais la livraison a été confirmée à l'entrepôt.",
    "Η παραγγελία επιβεβαιώθηκε χθες το βράδυ.",
    "def restart(controller, attempts=3):\n    for attempt in range(attempts):\n        controller.restart()\n",
    'if temperature > threshold:\n    notify(operator, level="warning")\n',
    "Überwachung: Störung behoben, Überprüfung läuft.",
    "status: confirmed\nretries: 12\n",
]
UNUSUAL = [
    "Quarterly figures:\n\n  total_weight = 1284.5 kg 🚚🚚, returned_items = 37",
    "  leading blanks, trailing blanks   ",
    "naïve café, 東京, Überraschung – “quoted” … and 100% of it",
    "def recalculate(total_weight, __factor__=10_000):\n\treturn total_weight*__factor__\n",
    "One.<|endoftext|>Two.<|endoftext|><|endoftext|> three",
    "<|endoftext|",
    "Q1 Q2 QUEUE queue\r\n\r\nÐ 𝔘nicode ﬁ ß ẞ \u00e9 e\u0301",
    "1234567 12 1 0000",
]


def alphabet():
    """Return the characters that stand for the bytes, as {byte: character}, in the order of the first 256 ids."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {**{byte: chr(byte) for byte in plain}, **{byte: chr(256 + place) for place, byte in enumerate(others)}}


ALPHABET = alphabet()


def spell(data):
    """Return bytes in the characters that stand for them."""
    return "".join(ALPHABET[byte] for byte in data)


def sentences(rng, count):
    """Return made-up messages."""
    found = []
    for _ in range(count):
        text = f"{rng.choice(WHO)} {rng.choice(DOES)} {rng.choice(WHAT)} {rng.choice(WHEN)}."
        if rng.random() < 0.3:
            text += (
                f" Ticket {rng.randrange(10, 99999)} is {rng.choice(['open', 'closed', 'waiting for confirmation'])}."
            )
        if rng.random() < 0.25:
            text += " " + rng.choice(OTHER)
        found.append(text)
    return found


def join(word, pair, joined):
    """Return a word with every occurrence of a pair joined, from the left."""
    found, place = [], 0
    while place < len(word):
        if word[place : place + 2] == pair:
            found.append(joined)
            place += 2
        else:
            found.append(word[place])
            place += 1
    return tuple(found)


def train(texts):
    """Return the merges, most frequent pair first; no two give the same token."""
    words = Counter(piece for text in texts for piece in re.findall(PATTERN, text))
    words = {tuple(spell(word.encode())): count for word, count in words.items()}
    merges, tokens = [], set(ALPHABET.values())
    while len(merges) < MERGES:
        pairs = Counter()
        for word, count in words.items():
            for pair in zip(word, word[1:], strict=False):
                pairs[pair] += count
        new = [(count, pair) for pair, count in pairs.items() if "".join(pair) not in tokens]
        _, pair = max(new)
        merges.append(pair)
        tokens.add("".join(pair))
        words = {join(word, pair, "".join(pair)): count for word, count in words.items()}
    return merges


def encode(word, ranks, below):
    """Return the tokens of a piece with the merges whose rank is less than ``below``."""
    word = tuple(word)
    while True:
        known = [pair for pair in zip(word, word[1:], strict=False) if ranks.get(pair, below) < below]
        if not known:
            return word
        pair = min(known, key=ranks.get)
        word = join(word, pair, "".join(pair))


def ids_of(text, vocab, ranks):
    """Return the ids of a text."""
    found = []
    for place, part in enumerate(text.split(SPECIAL)):
        found += [vocab[SPECIAL]] if place else []
        for piece in re.findall(PATTERN, part):
            found += [vocab[token] for token in encode(spell(piece.encode()), ranks, len(ranks))]
    return found


def choose_losses(rng, merges, used):
    """Return which results of merges lose their entry, and which merges their line, as ranks."""
    parts = {part for pair in merges for part in pair}
    unused = [rank for rank, pair in enumerate(merges) if 256 + rank not in used and 5 < rank < MERGES - 20]
    edges = {sum(BLOCKS[:place]) + shift for place in range(len(BLOCKS)) for shift in (-3, -2, -1, 0, 1, 2)}
    # Unseen in the corpus; the line is left, between the lines before and behind it.
    unseen = set()
    for rank in rng.sample(unused, len(unused)):
        if len(unseen) < LOST["unseen"] and rank not in edges and not {rank + shift for shift in range(-4, 5)} & unseen:
            unseen.add(rank)
    # Unseen, and the line is lost; another line that is left names it. Far apart, each soon used.
    named, last = set(), -150
    for rank in sorted(unused):
        users = [user for user, pair in enumerate(merges) if "".join(merges[rank]) in pair]
        apart = not {rank - 1, rank, rank + 1} & unseen
        if (
            len(named) < LOST["named"]
            and rank > last + 150
            and users
            and users[0] < rank + 60
            and apart
            and rank not in edges
        ):
            named.add(rank)
            last = rank
    keep = {min(user for user, pair in enumerate(merges) if "".join(merges[rank]) in pair) for rank in named}
    near = {rank + shift for rank in unseen for shift in (-2, -1, 0, 1, 2)}
    # Beside half of them the line before or behind is lost, of which the entry is left.
    beside = {rank + (-1, 1)[place // 2 % 2] for place, rank in enumerate(sorted(unseen)) if place % 2} - keep
    seen = set(rng.sample([rank for rank in range(MERGES) if 256 + rank in used and rank not in near], LOST["seen"]))
    free = [rank for rank in range(MERGES) if rank not in near | keep | named]
    # Half of the lines that are lost belong to tokens that lost their entry as well.
    lines = set(rng.sample([rank for rank in free if rank in seen], LOST["lines"] // 2))
    lines |= set(rng.sample([rank for rank in free if rank not in seen], LOST["lines"] // 2))
    assert parts and len(named) == LOST["named"] and len(unseen) == LOST["unseen"]
    return seen | unseen | named, lines | named | beside


def write(path, text):
    """Write a file with the same bytes everywhere."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def main():
    rng = random.Random(SEED)
    merges = train(sentences(rng, 900) + OTHER * 12)
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    tokens = [*ALPHABET.values(), *("".join(pair) for pair in merges), SPECIAL]
    vocab = {token: number for number, token in enumerate(tokens)}
    for rank, pair in enumerate(merges):
        assert encode("".join(pair), ranks, rank) == pair, pair
    texts = [" ".join(sentences(rng, 3)) for _ in range(64)]
    corpus = [{"text": text, "ids": ids_of(text, vocab, ranks)} for text in texts]
    new = [*(" ".join(sentences(rng, 2)) for _ in range(16)), *UNUSUAL]
    entries, lines = choose_losses(rng, merges, {number for line in corpus for number in line["ids"]})

    # Blocks of lines in another order, some lines lost; entries lost, the others sorted as text.
    starts = [sum(BLOCKS[:place]) for place in range(len(BLOCKS))] + [sum(BLOCKS)]
    blocks = [range(first, behind) for first, behind in zip(starts, [*starts[1:], MERGES], strict=True)]
    order = [2, 5, 0, 4, 1, 3]
    left = [rank for place in order for rank in blocks[place] if rank not in lines]
    gone = {256 + rank for rank in entries} | {vocab[ALPHABET[byte]] for byte in LOST_BYTES}
    kept = {token: number for token, number in sorted(vocab.items()) if number not in gone}

    def listed(ranks_left):
        return "#version: 0.2\n" + "".join(f"{merges[rank][0]} {merges[rank][1]}\n" for rank in ranks_left)

    write(DAMAGED / "vocab.json", json.dumps(kept, ensure_ascii=False, indent=0) + "\n")
    write(DAMAGED / "merges.txt", listed(left))
    write(DAMAGED / "config.json", json.dumps({"pattern": PATTERN, "special_token": SPECIAL}, indent=2) + "\n")
    write(DAMAGED / "corpus.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in corpus))
    numbered = [{"name": f"n{place:02d}", "text": text} for place, text in enumerate(new)]
    write(DAMAGED / "new.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in numbered))
    write(ORIGINAL / "vocab.json", json.dumps(vocab, ensure_ascii=False, indent=0) + "\n")
    write(ORIGINAL / "merges.txt", listed(range(MERGES)))


if __name__ == "__main__":
    main()
