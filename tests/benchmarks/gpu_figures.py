"""One figure of bench_gpu.py, in a process of its own: SFT or GRPO's update on random weights and random episodes.

Nothing here imports transformers or trl before ``prepare``: Unsloth has to come first.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from posttrain_arena.adapters.training.backends import prepare
from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.core.training.plan import RolloutRequest
from posttrain_arena.core.training.sequences import TokenSequence
from posttrain_arena.model.recipe import BaseModel, Recipe
from posttrain_arena.model.trial import Timings, Trial, Turn

WARMUP_STEPS = 2
"""Steps that compile kernels and fill caches: not measured."""

BYTES = 256
"""Tokens that every tokenizer of the bench has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A model's shape, and the lengths of an episode's prompt and rest, in tokens."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    intermediate: int
    vocabulary: int
    head_dim: int
    prompt: int
    rest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What all figures start from: the folders of a base model and an adapter.

    ``parameters`` are those of the base model without the embeddings, ``device`` is what wrote it.
    """

    base: Path
    adapter: Path
    parameters: int
    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What a stage reached: ``micro_batch`` sequences at once fitted into memory. On a CPU no peak is known."""

    tokens_per_sec: float
    peak_gb: float | None
    micro_batch: int


def write_start(size: Size, recipe: Recipe, folder: Path) -> Start:
    """Write a model of random weights and an adapter that is moved a little: at rest its weights have no scale."""
    from peft import get_peft_model
    from transformers import Qwen3Config, Qwen3ForCausalLM

    from posttrain_arena.adapters.training.embedded import build_tokenizer
    from posttrain_arena.adapters.training.policy import lora_config

    tokenizer = build_tokenizer(())
    config = Qwen3Config(
        vocab_size=size.vocabulary,
        hidden_size=size.hidden,
        intermediate_size=size.intermediate,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        num_key_value_heads=size.kv_heads,
        head_dim=size.head_dim,
        max_position_embeddings=40960,
        tie_word_embeddings=False,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        dtype=recipe.trainer.dtype,
    )
    on_gpu = torch.cuda.is_available()
    torch.set_default_dtype(getattr(torch, recipe.trainer.dtype))
    with torch.device("cuda" if on_gpu else "cpu"):
        model = Qwen3ForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    model.save_pretrained(folder / "base")
    tokenizer.save_pretrained(folder / "base")
    parameters = sum(weight.numel() for name, weight in model.named_parameters() if "embed_tokens" not in name)
    policy = get_peft_model(model, lora_config(recipe.lora))
    with torch.no_grad():
        for name, weight in policy.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=1e-3)
    policy.save_pretrained(folder / "adapter")
    device = torch.cuda.get_device_name() if on_gpu else "CPU (a dry run: no figure means anything)"
    return Start(base=folder / "base", adapter=folder / "adapter", parameters=parameters, device=device)


def figure(stage: str, size: Size, recipe: Recipe, start: Start) -> Figure:
    """Run a stage (a key of ``STAGES``) and return what it reached. Call it first in a process, and once."""
    prepare(recipe)
    if not torch.cuda.is_available():
        torch.set_num_threads(1)  # two threads are several times slower on matrices as small as a dry run's
    rates, micro_batch = STAGES[stage](size, recipe, start)
    return Figure(
        tokens_per_sec=statistics.median(rates),  # robust to a step that compiled
        peak_gb=torch.cuda.max_memory_allocated() / 1e9 if torch.cuda.is_available() else None,
        micro_batch=micro_batch,
    )


def _sft(size: Size, recipe: Recipe, start: Start) -> tuple[list[float], int]:
    """Run SFT on demonstrations of random tokens."""
    from posttrain_arena.adapters.training.sft import SftRun, run_sft

    rng = random.Random(0)
    tasks = range(recipe.sft.batch_size * recipe.sft.steps)
    shown = {str(task): [_demonstration(rng, size)] for task in tasks}
    marks: dict[int, tuple[float, float]] = {}  # by step: one that is done again, in smaller parts, counts anew

    def mark(row: dict[str, float | int]) -> None:
        marks[int(row["step"])] = row["num_tokens"], time.monotonic()

    with tempfile.TemporaryDirectory() as out:
        run = SftRun(base=start.base, demonstrations=shown, recipe=recipe, seed=0)
        result = run_sft(run, out=Path(out), on_step=mark)
    measured = itertools.pairwise([marks[step] for step in range(WARMUP_STEPS, recipe.sft.steps + 1)])
    return [(now[0] - then[0]) / (now[1] - then[1]) for then, now in measured], result.micro_batch


def _grpo(size: Size, recipe: Recipe, start: Start) -> tuple[list[float], int]:
    """Run GRPO on episodes that nobody has to sample: what remains of a step is the update."""
    from posttrain_arena.adapters.training.grpo import GrpoRun, run_grpo

    actor = Sampled(size=size, generations=recipe.grpo.generations)
    recipe = dataclasses.replace(
        recipe, model=BaseModel(hub=dataclasses.replace(recipe.model.hub, context=actor.context))
    )
    with tempfile.TemporaryDirectory() as out:
        tasks = [str(task) for task in range(recipe.grpo.tasks_per_step)]
        run = GrpoRun(base=start.base, adapter=start.adapter, tasks=tasks, actor=actor, recipe=recipe, seed=0)
        result = run_grpo(run, out=Path(out))
        rows = read_metrics(Path(out) / "metrics.jsonl")
    rates = [
        (now["num_tokens"] - then["num_tokens"]) / (now["step_sec"] - now["rollout_sec"])
        for then, now in itertools.pairwise(rows[WARMUP_STEPS - 1 :])
    ]
    return rates, result.micro_batch


STAGES = {"SFT": _sft, "GRPO update": _grpo}


def _demonstration(rng: random.Random, size: Size) -> TokenSequence:
    rest = rng.randint(size.rest // 2, size.rest * 3 // 2)
    return TokenSequence(
        prompt_ids=_tokens(rng, size.prompt),
        completion_ids=_tokens(rng, rest),
        loss_mask=(1,) * rest,
        logprobs=(0.0,) * rest,
    )


def _tokens(rng: random.Random, count: int) -> tuple[int, ...]:
    return tuple(rng.randrange(BYTES) for _ in range(count))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """An actor without a server: episodes of random tokens, half of them rewarded, at once.

    Of a group's episodes the first has the longest prompt and the shortest rest, the last the shortest prompt and the
    longest rest, so that a step's longest prompt and longest rest together are wider than the context.
    """

    size: Size
    generations: int

    @property
    def context(self) -> int:
        """The length of the longest episode."""
        return sum(self.lengths(self.generations - 1))

    def lengths(self, generation: int) -> tuple[int, int]:
        """Return the tokens of prompt and rest, from half to one and a half of the size's."""
        share = generation / (self.generations - 1)
        return round(self.size.prompt * (1.5 - share)), round(self.size.rest * (0.5 + share))

    def load(self, adapter: Path, version: int) -> float:
        """Take no notice: nothing is sampled with it, so nothing differs."""
        return 0.0

    def act(self, request: RolloutRequest, version: int) -> Trial:
        """Return an episode."""
        rng = random.Random(request.seed)
        prompt, rest = self.lengths(request.generation)
        wrote = _tokens(rng, rest)
        turns = (
            Turn(role="user", content="", token_ids=_tokens(rng, prompt)),
            Turn(role="assistant", content="", token_ids=wrote, logprobs=(-5.0,) * len(wrote)),
        )
        return Trial(
            task=request.task,
            task_digest="sha256:" + "0" * 64,
            agent="chat",
            attempt=request.generation,
            seed=request.seed,
            isolation="warm",
            image=None,
            reward=float(request.seed % 2),
            passed=bool(request.seed % 2),
            exit_reason="submitted",
            failure=None,
            timings=Timings(),
            trajectory=turns,
        )
