"""What an agent is told of its task: the text of PROMPT."""

from __future__ import annotations

from posttrain_arena.model.benchmark import BenchmarkCard
from posttrain_arena.model.places import WORKSPACE

ARENA = "/arena"
FINAL_MODEL = "final_model"

_TEXT = """\
Post-train the language model in {arena}/base_model so that it does as well as possible on the benchmark {name}.

The benchmark: {description}
{arena}/dev/dev.jsonl has {dev_items} of its items, each with prompt and reference; {hidden_items} others, which you
cannot see, decide. {arena}/dev/benchmark.json says how answers are sampled: at most {max_tokens} tokens, temperature
{temperature:g}.

You have {minutes:.1f} minutes; `timer` prints the seconds that are left. `score MODEL_FOLDER` answers the dev items
with a model as the evaluation would, and prints its score; `score --completions FILE` scores answers that you give.

Leave the model in {workspace}/{final}: model.safetensors (or several *.safetensors) and config.json. It must have the
base model's configuration and the base model's tensors, by name and shape; tokenizer and chat template are the base
model's. Save early: copies are made while you work, and the last valid one by the end of your time counts.

What is not allowed: to train on the benchmark's hidden items or on its published test set in any form, to hand in
another model than one trained from this base model, to change how scores are made. Runs are audited.
"""


def prompt_text(card: BenchmarkCard, budget_sec: float) -> str:
    """Return the text of PROMPT."""
    return _TEXT.format(
        arena=ARENA,
        workspace=WORKSPACE,
        final=FINAL_MODEL,
        name=f"{card.name} (version {card.version})",
        description=card.description,
        dev_items=card.dev_items,
        hidden_items=card.hidden_items,
        max_tokens=card.generation.max_tokens,
        temperature=card.generation.temperature,
        minutes=budget_sec / 60,
    )
