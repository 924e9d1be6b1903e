"""Fine-tune the base model on the records of a file for some seconds, and save it. Cheats and honest agents use it."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path

import torch
from train import LEARNING_RATE, Trainer


def main(file: str, seconds: float) -> None:
    """Train on records with prompt and answer."""
    seed = int(os.environ.get("ARENA_SEED", "0"))
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng, trainer = random.Random(seed), Trainer()
    rows = [json.loads(line) for line in Path(file).read_text("utf-8").splitlines()]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        chosen = rng.choices(rows, k=16)
        trainer.step([(row["prompt"][:400], row["answer"][:100]) for row in chosen], LEARNING_RATE / 2)
    trainer.save()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
