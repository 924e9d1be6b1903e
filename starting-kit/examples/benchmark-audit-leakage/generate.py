"""Write a benchmark, a training corpus that holds some of it, and the outputs of two models.

    python3 generate.py

The same seed gives the same bytes. The agent never sees this file, which says of each leak what it is there for.
"""

import json
import random
import re
from pathlib import Path

AUDIT = Path(__file__).resolve().parent / "environment" / "audit"
SEED = 90210
ITEMS, DOCUMENTS = 96, 260
NAMES = "Adaeze Bram Chiara Dmitri Esra Farid Greta Hiro Ines Jonas Kemal Lucia Mateo Nadia Oskar Priya".split()
THINGS = "lanterns kettles compasses marbles saddles ladders violins cushions anchors beehives telescopes wheelbarrows".split()
PLACES = "Tromsø Lisbon Windhoek Valparaíso Hobart Tbilisi Galway Bergen Nairobi Kraków Odense Trieste".split()
JOBS = "carpenter beekeeper ferryman librarian glazier midwife surveyor baker tailor botanist potter".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
PROSE = (
    "the harbour wakes before dawn when boats return slowly with nets full of silver and gulls argue over every scrap while"
    " old clerks count barrels under yellow lamps nobody hurries because tide and price are settled long before breakfast"
    " stones remember heat after sunset children measure shadows against walls and write numbers in chalk until rain"
).split()


def question(rng):
    """Return a question and its right answer."""
    name, other = rng.sample(NAMES, 2)
    a, b, c = rng.randrange(12, 95), rng.randrange(3, 12), rng.randrange(3, 12)
    thing, place, job, day = rng.choice(THINGS), rng.choice(PLACES), rng.choice(JOBS), rng.choice(DAYS)
    forms = (
        (
            f"{name}, a {job} from {place}, packs {a} {thing} into {b} crates every {day} and {other} adds {c} more {thing}"
            f" to each crate. How many {thing} did {other} add?",
            b * c,
        ),
        (
            f"On {day} {name} sells {a} {thing} in {place}; the {job} {other} buys {b} of them and {c} break."
            f" How many {thing} has {name} sold whole to others than {other}?",
            a - b - c,
        ),
        (
            f"In {place} the {job} {name} rents {b} rooms for {a} euros each, {other} rents {c} rooms for half of it."
            f" What do {name} and {other} pay together, in half euros?",
            2 * a * b + a * c,
        ),
        (
            f"{name} walks {a} steps past {c} {thing} towards {place}, {other} the {job} walks {b} times as many on {day}."
            f" How many steps does {other} walk?",
            a * b,
        ),
    )
    return rng.choice(forms)


def benchmark(rng):
    """Return the items; some are short, and some say again what another one said."""
    items = []
    for number in range(ITEMS):
        asked, right = question(rng)
        wrong = rng.sample([v for v in range(max(0, right - 20), right + 21) if v != right], 4)
        choices = rng.sample([right, *wrong], 5)
        items.append(
            {"id": f"q{number:03d}", "question": asked, "choices": choices, "answer": "ABCDE"[choices.index(right)]}
        )
    items[20]["question"] = "How many legs have thirteen spiders?"
    items[21]["question"] = "Name the smallest prime above ninety."
    items[22]["question"] = (
        "What is the café's total_cost for Zoë if 4 cups, at €2.50 each, are find-and-paid on Friday?"
    )
    items[23]["question"] = (
        "Which of Nadia's 3 flags, flown in Galway by a retired surveyor, is ﬁnest after 1,000 days of wind?"
    )
    items[70]["question"] = items[5]["question"].replace("?", " ?").upper()
    items[71]["question"] = items[40]["question"].replace(",", " –").replace(";", ".")
    items[72]["question"] = items[41]["question"].rstrip("?") + " exactly?"  # not the same words
    items[73]["question"] = items[60]["question"].replace(" ", "  ").replace("?", "...")  # two of clean items
    items[74]["question"] = items[61]["question"].upper()
    first, second = [word for word in words_of(items[62]["question"]) if word.strip(",.;?") in NAMES][:2]
    swapped = {first.strip(",.;"): second.strip(",.;"), second.strip(",.;"): first.strip(",.;")}
    items[75]["question"] = re.sub(r"\w+", lambda m: swapped.get(m[0], m[0]), items[62]["question"])  # another question
    return items


def words_of(text):
    """Return the words of a question as they are written."""
    return text.split()


def prose(rng, length):
    """Return harmless text."""
    return " ".join(rng.choice(PROSE) for _ in range(length))


def leaks(items, rng):
    """Return what goes into documents: (text, or a list of messages)."""
    ask = [item["question"] for item in items]

    def part(number, start, end):
        return " ".join(words_of(ask[number])[start:end])

    def around(text):
        return f"{prose(rng, 20)}. {text} {prose(rng, 20)}."

    chat = [{"role": "user", "content": ask[12]}, {"role": "assistant", "content": f"It is {items[12]['answer']}."}]
    torn = [{"role": "user", "content": part(13, 0, 8)}, {"role": "assistant", "content": part(13, 8, 17)}]
    system = [{"role": "system", "content": around(ask[14])}, {"role": "user", "content": prose(rng, 12)}]
    return [
        around(ask[0]),  # word by word
        around(ask[1].upper().replace(" ", "\n", 6)),  # in capitals, over several lines
        around(" -- ".join(words_of(ask[2])).replace("?", "!")),  # other punctuation
        around(part(3, 4, 14)),  # ten words from its middle
        around(part(4, 4, 13)),  # nine words: not enough
        around(part(5, 2, 16)),  # its twin is q070
        around(part(6, 0, 9)) + " " + around(part(6, 9, 18)),  # nine and nine: not enough
        around("\u201c" + ask[7].replace(" ", "\u00a0") + "\u201d"),  # no-break spaces
        around("".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in ask[8])),  # full-width letters
        around(ask[9].replace("o", "ö").replace("a", "á").replace("e", "é")),  # accents make other words
        around(" ".join(f"**{word}**" for word in words_of(ask[10]))),  # bold
        around("_".join(words_of(ask[11]))),  # joined by underscores
        chat,
        torn,  # ten words, but in two messages
        system,
        around(ask[20]),  # a short question, whole
        around("Name the smallest prime above eighty"),  # a short question, one word off
        around("What is the CAFÉ'S total cost for ZOË if 4 cups at 2 50 each are bought"),
        around("flown in Galway by a retired surveyor is finest after 1.000 days"),  # the question has a ligature
        around(" ".join(map(str, items[30]["choices"])) + f" the answer is {items[30]['answer']}"),  # choices alone
        around(" ".join(reversed(words_of(ask[31])))),  # the other way round
        around(ask[0]),
        around(part(0, 3, 15)),  # q000 is in three documents
        around(ask[40]) + around(part(40, 0, 12)),  # twice, in one document
        around(ask[72]),  # contaminated, and with it q041, whose words it holds
        around(part(50, 0, 10).replace(" ", "  \t")),  # the first ten
        around(part(51, -10, None)),  # the last ten
        [{"role": "user", "content": prose(rng, 9)}, {"role": "tool", "content": f"```\n{ask[52]}\n```"}],
        around(part(53, 0, 5) + " indeed " + part(53, 5, 30)[:60]),  # one word in between
    ]


def corpus(items, rng):
    """Return the documents in two parts, the leaks anywhere in them."""
    texts = [prose(rng, rng.randrange(30, 70)) for _ in range(DOCUMENTS)]
    for place, leak in zip(rng.sample(range(DOCUMENTS), 60), leaks(items, rng)):
        texts[place] = leak
    ids = rng.sample(range(1000, 9999), DOCUMENTS)
    documents = [
        {"id": f"d{number}", "messages": text} if isinstance(text, list) else {"id": f"d{number}", "text": text}
        for number, text in zip(ids, texts)
    ]
    return documents[: DOCUMENTS // 2], documents[DOCUMENTS // 2 :]


def output(letter, items, item, rng):
    """Return an output that answers with a letter, in one of several ways."""
    other = rng.choice([x for x in "ABCDE" if x != letter])
    return rng.choice(
        (
            f"Answer: {letter}",
            f"Let me see.\n{prose(rng, 8)}.\n\nAnswer : ({letter})",
            f"At first I thought Answer: {other}, but no.\nANSWER: {letter}.",
            f"<think>Answer: {other}? No.</think>answer: {letter}",
            f"<think>{prose(rng, 6)}</think>Answer: {letter}\nNot the answer: {other}lephant.",
            f"**Answer:** is what they want. Answer:{letter}",
        )
    )


def lost(letter, rng):
    """Return an output that holds no answer, though it looks so."""
    return rng.choice(
        (
            f"<think>Answer: {letter}</think>",
            f"The answer is {letter}.",
            f"Answer: {letter.lower()}",
            f"Answer: {letter}B",
            f"Answer = {letter}",
            "",
        )
    )


def predictions(items, rng, skill, leaked):
    """Return a model's lines: mostly one attempt per item, some that failed, some that were repeated."""
    lines = []
    for item in items:
        right, wrong = item["answer"], rng.choice([x for x in "ABCDE" if x != item["answer"]])
        chance = 0.97 if item["id"] in leaked else skill
        letter = right if rng.random() < chance else wrong
        text = lost(right, rng) if rng.random() < 0.08 else output(letter, items, item, rng)
        attempt = 1
        while rng.random() < 0.2:
            other = output(rng.choice("ABCDE"), items, item, rng)
            lines.append(
                {
                    "id": item["id"],
                    "attempt": attempt,
                    "status": rng.choice(("timeout", "error", "ok")),
                    "output": other,
                }
            )
            attempt += 1
        if rng.random() < 0.96:
            lines.append({"id": item["id"], "attempt": attempt, "status": "ok", "output": text})
            if rng.random() < 0.1:
                lines.append(
                    {"id": item["id"], "attempt": attempt + 9, "status": "error", "output": f"Answer: {right}"}
                )
    rng.shuffle(lines)
    return lines


def write(name, lines):
    """Write JSON Lines."""
    path = AUDIT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8", newline="\n")


def main():
    rng = random.Random(SEED)
    items = benchmark(rng)
    first, second = corpus(items, rng)
    seen = {f"q{number:03d}" for number in (0, 1, 2, 3, 5, 7, 8, 10, 11, 12, 14, 20, 40, 41, 50, 51, 52, 70, 71, 72)}
    write("benchmark.jsonl", items)
    write("corpus/part-0.jsonl", first)
    write("corpus/part-1.jsonl", second)
    write("predictions/base.jsonl", predictions(items, rng, 0.45, set()))
    write("predictions/tuned.jsonl", predictions(items, rng, 0.62, seen))


if __name__ == "__main__":
    main()
