"""Load the model, answer every request of the job, write the answers."""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .batches import Row, cache_tokens, complete
from .prompts import load_tokenizer, rendered, stops_of


def main(base: str, model: str, job: str, out: str) -> None:
    """Answer every request and write the answers."""
    tasks = json.loads(Path(job).read_text("utf-8"))
    tokenizer = load_tokenizer(Path(base), Path(model))
    texts, ending = rendered(tokenizer, [request["prompt"] for task in tasks for request in task["requests"]])
    stops = stops_of(Path(base), tokenizer, ending)
    made = load(Path(base), Path(model))
    room = cache_tokens(made)
    answers = []
    for task in tasks:
        own, texts = texts[: len(task["requests"])], texts[len(task["requests"]) :]
        rows = rows_of(tokenizer, task, own)
        complete(made, rows, task["generation"], stops, room)
        said: dict[str, list[dict[str, str]]] = {request["id"]: [] for request in task["requests"]}
        for row in rows:
            text = tokenizer.decode(row.said, skip_special_tokens=True)
            said[row.name].append({"text": text, "lost": row.lost})
        answers.append(said)
    Path(out).write_text(json.dumps(answers), "utf-8")


def rows_of(tokenizer: Any, task: dict[str, Any], texts: Sequence[str | None]) -> list[Row]:
    """Return the samples of a task whose rendered prompts are ``texts``, each cut at its start to the room there is."""
    room = task["generation"]["context"] - task["generation"]["max_tokens"]
    rows = []
    for request, text in zip(task["requests"], texts, strict=True):
        ids = tokenizer(text or "", add_special_tokens=False)["input_ids"][-room:]
        lost = "" if ids else "template"
        for seed in request["seeds"]:
            rows.append(Row(request["id"], ids, random.Random(seed), ended=not ids, lost=lost))  # noqa: S311 (a seed)
    return rows


def load(base: Path, model: Path) -> Any:
    """Return the model; the base's files decide all but the numbers.

    transformers is given the tensors and loads them by its own rules, since the names in files of the hub are not
    always those of its modules.
    """
    import torch
    from safetensors import safe_open
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, AutoConfig
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.set_num_threads(max(1, (os.cpu_count() or 1) if torch.cuda.is_available() else 1))
    state = {}
    for file in sorted(model.glob("*.safetensors")):
        with safe_open(str(file), framework="pt") as tensors:
            state.update({name: tensors.get_tensor(name) for name in tensors.keys()})  # noqa: SIM118 (no mapping)
    config = AutoConfig.from_pretrained(base)
    kind = MODEL_FOR_CAUSAL_LM_MAPPING[type(config)]
    made, told = kind.from_pretrained(None, config=config, state_dict=state, output_loading_info=True)
    missing, unknown = sorted(told["missing_keys"]), sorted(told["unexpected_keys"])
    if missing or unknown:
        raise SystemExit(f"the model does not fit its base: {missing[:3]} missing, {unknown[:3]} unknown")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return made.to(device).eval()


if __name__ == "__main__":
    main(*sys.argv[1:])
