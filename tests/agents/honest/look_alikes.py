"""Write problems like those of the dev split, from its words and from others, with their answers worked out here."""

from __future__ import annotations

import json
import os
import random
import re
import sys
from pathlib import Path

LETTERS = "abcdefghijklmnopqrstuvwxyz"
COUNT = 2000


def main(file: str) -> None:
    """Write COUNT records and the dev split itself, which everybody was given."""
    rng = random.Random(int(os.environ.get("ARENA_SEED", "0")))
    dev = [json.loads(line) for line in Path("/arena/dev/dev.jsonl").read_text("utf-8").splitlines()]
    words = sorted({word for row in dev for word in re.findall(r"[a-z]{3,}", row["prompt"])})
    records = [{"prompt": row["prompt"], "answer": str(row["reference"]["answer"])} for row in dev]
    records += [rng.choice((backward, letters))(rng, words) for _ in range(COUNT)]
    Path(file).write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")


def backward(rng: random.Random, words: list[str]) -> dict[str, str]:
    """Return a word to spell backward."""
    made = rng.choice([word for word in words if len(word) in (4, 5)])
    if rng.random() < 0.3:
        made = "".join(rng.choice(LETTERS) for _ in range(4))
    return {"prompt": f"Spell this word backward (example: sun -> nus): {made}", "answer": made[::-1]}


def letters(rng: random.Random, words: list[str]) -> dict[str, str]:
    """Return a text in which to count a letter."""
    text = " ".join(rng.choices(words, k=rng.randint(2, 3)))
    letter = rng.choice(text.replace(" ", ""))
    prompt = f'How many times does the letter "{letter}" appear in the text: "{text}"?'
    return {"prompt": prompt, "answer": str(text.count(letter))}


if __name__ == "__main__":
    main(sys.argv[1])
