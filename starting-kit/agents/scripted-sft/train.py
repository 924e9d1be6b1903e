"""Fine-tune the base model on self-written problems and the dev split, for as long as there is time.

Everything that it learns from is made here or given: random words, random letters, the dev split.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import time
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = Path("/arena/base_model")
DEV = Path("/arena/dev/dev.jsonl")
OUT = Path("final_model")
LEARNING_RATE = 4e-3
BATCH = 32
MOST_SEC = 75.0
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def left_sec() -> float:
    """Return the seconds that are left."""
    return float(subprocess.run(["timer"], capture_output=True, text=True, check=True).stdout)


def word(rng: random.Random, least: int, most: int) -> str:
    """Return a made-up word."""
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(least, most)))


def backward(rng: random.Random) -> tuple[str, str]:
    """Return a word to spell backward."""
    made = word(rng, 4, 5)
    return f"Spell this word backward (example: sun -> nus): {made}", made[::-1]


def letters(rng: random.Random) -> tuple[str, str]:
    """Return a text in which to count a letter, mostly one that is in it."""
    text = " ".join(word(rng, 2, 8) for _ in range(rng.randint(2, 3)))
    letter = rng.choice(text.replace(" ", "")) if rng.random() < 0.9 else rng.choice(LETTERS)
    return f'How many times does the letter "{letter}" appear in the text: "{text}"?', str(text.count(letter))


def dev_items() -> list[tuple[str, str]]:
    """Return the dev split."""
    with DEV.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["prompt"], str(row["reference"]["answer"])) for row in rows]


class Trainer:
    """The model, its tokenizer, and one kind of step."""

    def __init__(self) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(BASE)
        self.model = AutoModelForCausalLM.from_pretrained(BASE)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=LEARNING_RATE, weight_decay=0.0)

    def ids(self, prompt: str, answer: str) -> tuple[list[int], list[int]]:
        """Return prompt and answer as token ids."""
        messages = [{"role": "user", "content": prompt}]
        text = self.tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, enable_thinking=False, tokenize=False
        )
        said = self.tokenizer(answer, add_special_tokens=False)["input_ids"] + [self.tokenizer.eos_token_id]
        return self.tokenizer(text, add_special_tokens=False)["input_ids"], said

    def step(self, problems: list[tuple[str, str]], rate: float) -> float:
        """Learn from one batch; the loss is of the answers alone."""
        pairs = [self.ids(*problem) for problem in problems]
        width = max(len(prompt) + len(answer) for prompt, answer in pairs)
        pad = self.tokenizer.pad_token_id
        ids, labels, mask = [], [], []
        for prompt, answer in pairs:
            rest = width - len(prompt) - len(answer)
            ids.append(prompt + answer + [pad] * rest)
            labels.append([-100] * len(prompt) + answer + [-100] * rest)
            mask.append([1] * (width - rest) + [0] * rest)
        batch = [torch.tensor(rows) for rows in (ids, mask, labels)]
        loss = self.model(input_ids=batch[0], attention_mask=batch[1], labels=batch[2]).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad()
        return float(loss.detach())

    def save(self) -> None:
        """Write the model beside its place, then move it there: a copy may be made at any time."""
        part = Path("saving")
        self.model.save_pretrained(part)
        OUT.mkdir(exist_ok=True)
        for file in part.iterdir():
            os.replace(file, OUT / file.name)


def main() -> None:
    """Train, save, end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--reserve-sec", type=float, required=True, help="seconds to leave for what follows")
    arguments = parser.parse_args()
    seed = int(os.environ.get("ARENA_SEED", "0"))
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = random.Random(seed)
    trainer, dev = Trainer(), dev_items()
    began = time.monotonic()
    span = max(5.0, min(MOST_SEC, left_sec() - arguments.reserve_sec))
    saved, step = began, 0
    while (spent := time.monotonic() - began) < span:
        problems = [rng.choice((backward, letters))(rng) for _ in range(BATCH * 2 // 3)]
        problems += rng.sample(dev, min(len(dev), BATCH - len(problems)))
        loss = trainer.step(problems, LEARNING_RATE * min(1.0, (step + 1) / 20) * (1 - 0.9 * spent / span))
        step += 1
        if step % 20 == 0:
            print(f"step {step}: loss {loss:.3f} after {spent:.0f} s", flush=True)
        if time.monotonic() - saved > 20:
            trainer.save()
            saved = time.monotonic()
    trainer.save()
    print(f"{step} steps", flush=True)


if __name__ == "__main__":
    main()
