"""Answer prompts with a model, each sample from a seed of its own. Runs in a container without network.

    generate.py BASE MODEL JOB OUT

BASE is the base model's folder: configuration, tokenizer and chat template come from there; of MODEL only its
safetensors files are read, and chat_template.jinja where there is one. JOB is a list of {"generation": …, "requests":
[{"id", "prompt", "seeds": […]}]}; OUT becomes a list of {id: [completion, …]}. Stands alone: it runs where the
arena's package is not installed.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

BATCH = 64


def load(base: Path, model: Path) -> tuple[Any, Any]:
    """Return model and tokenizer; the base's files decide all but the numbers."""
    import torch
    from safetensors import safe_open
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(max(1, (os.cpu_count() or 1) if torch.cuda.is_available() else 1))
    tokenizer = AutoTokenizer.from_pretrained(base, padding_side="left")
    own = model / "chat_template.jinja"
    if own.is_file():
        tokenizer.chat_template = own.read_text("utf-8")
    config = AutoConfig.from_pretrained(base)
    made = AutoModelForCausalLM.from_config(config)
    state = {}
    for file in sorted(model.glob("*.safetensors")):
        with safe_open(str(file), framework="pt") as tensors:
            state.update({name: tensors.get_tensor(name) for name in tensors.keys()})  # noqa: SIM118 (no mapping)
    left = made.load_state_dict(state, strict=False)
    tied = set(getattr(made, "_tied_weights_keys", None) or ()) if config.tie_word_embeddings else set()
    missing = [name for name in left.missing_keys if name not in tied and name != "lm_head.weight"]
    if missing or left.unexpected_keys:
        raise SystemExit(f"the model does not fit its base: {missing[:3]} missing, {left.unexpected_keys[:3]} unknown")
    made.tie_weights()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return made.to(device).eval(), tokenizer


def encoded(tokenizer: Any, prompt: str, room: int) -> list[int]:
    """Return the ids of a user's message up to where the model begins, cut at its start to the room there is."""
    rendered = tokenizer.apply_chat_template(
        [{"role": "user", "content": prompt}], add_generation_prompt=True, enable_thinking=False, tokenize=False
    )
    ids: list[int] = tokenizer(rendered, add_special_tokens=False)["input_ids"]
    return ids[-room:]


def sampled(model: Any, tokenizer: Any, prompts: list[list[int]], seeds: list[int], how: dict[str, Any]) -> list[str]:
    """Return one completion per prompt; what shares the batch changes none of them but by rounding."""
    import torch

    width = max(map(len, prompts))
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    ids = torch.tensor([[pad] * (width - len(one)) + one for one in prompts], device=model.device)
    mask = torch.tensor([[0] * (width - len(one)) + [1] * len(one) for one in prompts], device=model.device)
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    said: list[list[int]] = [[] for _ in prompts]
    live = [True] * len(prompts)
    cache = None
    with torch.inference_mode():
        for _ in range(how["max_tokens"]):
            positions = (mask.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
            out = model(
                input_ids=ids, attention_mask=mask, position_ids=positions, past_key_values=cache, use_cache=True
            )
            cache = out.past_key_values
            logits = out.logits[:, -1].float().cpu()
            chosen = [chosen_of(row, how, made) for row, made in zip(logits, generators, strict=True)]
            for index, token in enumerate(chosen):
                live[index] = live[index] and token != tokenizer.eos_token_id
                if live[index]:
                    said[index].append(token)
            if not any(live):
                break
            ids = torch.tensor(chosen, device=model.device).unsqueeze(1)
            mask = torch.cat([mask, torch.ones_like(ids)], dim=1)
    return [tokenizer.decode(one, skip_special_tokens=True) for one in said]


def chosen_of(logits: Any, how: dict[str, Any], generator: Any) -> int:
    """Return the next token: the likeliest at temperature 0, else one of the nucleus."""
    import torch

    if how["temperature"] == 0:
        return int(logits.argmax())
    shares, order = torch.softmax(logits / how["temperature"], dim=-1).sort(descending=True)
    kept = shares.cumsum(0) - shares < how["top_p"]
    return int(order[torch.multinomial(shares * kept, 1, generator=generator)])


def answered(made: Any, tokenizer: Any, task: dict[str, Any]) -> dict[str, list[str]]:
    """Return the completions of each request of one task."""
    how = task["generation"]
    rows = [(request["id"], request["prompt"], seed) for request in task["requests"] for seed in request["seeds"]]
    completions: dict[str, list[str]] = {request["id"]: [] for request in task["requests"]}
    room = how["context"] - how["max_tokens"]
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        ids = [encoded(tokenizer, prompt, room) for _, prompt, _ in batch]
        said = sampled(made, tokenizer, ids, [seed for _, _, seed in batch], how)
        for (name, _, _), text in zip(batch, said, strict=True):
            completions[name].append(text)
    return completions


def main(base: str, model: str, job: str, out: str) -> None:
    """Answer every request and write the answers."""
    made, tokenizer = load(Path(base), Path(model))
    answers = [answered(made, tokenizer, task) for task in json.loads(Path(job).read_text("utf-8"))]
    Path(out).write_text(json.dumps(answers), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
