"""Measure SFT and the update step of GRPO on one device: a Qwen3 of random weights, the real recipe's batch shapes.

    python tests/benchmarks/bench_gpu.py --size 8b                 # a GPU with 80 GB or more
    python tests/benchmarks/bench_gpu.py --size tiny               # a dry run on a CPU: the same code, other numbers

For each stage plain TRL beside the recipe's settings: tokens per second, peak memory, and MFU, the share of the
device's peak (--peak, FLOP/s) that the model's own arithmetic takes. For LoRA that is 4 N FLOPs a token (forward,
and backward through activations; frozen weights have no gradient) and attention; recomputation does not count.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import itertools
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import Qwen3Config, Qwen3ForCausalLM

from posttrain_arena.adapters.training.backends import prepare
from posttrain_arena.adapters.training.embedded import build_tokenizer
from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.core.training.plan import RolloutRequest
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.core.training.sequences import TokenSequence
from posttrain_arena.model.documents import REPOSITORY_ROOT
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.trial import Timings, Trial, Turn

RECIPE = REPOSITORY_ROOT / "sky" / "recipes" / "qwen3-8b.yaml"
H100_PEAK = 989e12
"""FLOP/s in bfloat16 without sparsity, NVIDIA's data sheet of the H100 SXM; the H200's is the same."""

WARMUP_STEPS = 2
"""Steps that compile kernels and fill caches: not measured."""


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


SIZES = {
    "tiny": Size(
        hidden=64, layers=2, heads=2, kv_heads=2, intermediate=128, vocabulary=1024, head_dim=32, prompt=16, rest=48
    ),
    "8b": Size(
        hidden=4096,
        layers=36,
        heads=32,
        kv_heads=8,
        intermediate=12288,
        vocabulary=151936,
        head_dim=128,
        prompt=1200,
        rest=4800,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one stage with one set of settings reached."""

    stage: str
    settings: str
    tokens_per_sec: float
    sequence: float
    peak_gb: float | None

    def line(self, size: Size, parameters: int, peak: float) -> str:
        """Return the row of the table."""
        attention = 8 * size.layers * size.heads * size.head_dim * self.sequence / 2  # causal: half of all pairs
        mfu = self.tokens_per_sec * (4 * parameters + attention) / peak
        memory = "-" if self.peak_gb is None else f"{self.peak_gb:.1f} GB"
        return f"{self.stage:<12} {self.settings:<14} {self.tokens_per_sec:>10.0f} tokens/s  {mfu:>6.1%} MFU  {memory}"


class Sampled:
    """An actor without a server: episodes of random tokens, half of them rewarded, at once."""

    def __init__(self, size: Size) -> None:
        self._size = size

    def load(self, adapter: Path, version: int) -> float:
        """Take no notice: nothing is sampled with it, so nothing differs."""
        return 0.0

    def act(self, request: RolloutRequest, version: int) -> Trial:
        """Return an episode of the usual length."""
        rng = random.Random(request.seed)
        wrote = tuple(rng.randrange(256) for _ in range(self._length(rng)))
        turns = (
            Turn(role="user", content="", token_ids=tuple(rng.randrange(256) for _ in range(self._size.prompt))),
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

    def _length(self, rng: random.Random) -> int:
        return rng.randint(self._size.rest // 2, self._size.rest * 3 // 2)


def write_model(size: Size, folder: Path, dtype: str) -> int:
    """Write a model of random weights and its tokenizer; return its parameters without the embeddings."""
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
        dtype=dtype,
    )
    torch.set_default_dtype(getattr(torch, dtype))
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = Qwen3ForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return sum(weight.numel() for name, weight in model.named_parameters() if "embed_tokens" not in name)


def variants(size: str, steps: int) -> Iterator[tuple[str, Recipe]]:
    """Yield plain TRL, then the recipe's settings; on a CPU both without what only a GPU has."""
    recipe = read_recipe(RECIPE)
    on_gpu = torch.cuda.is_available()
    sft = dataclasses.replace(
        recipe.sft, steps=steps, warmup_steps=0, validation_share=0.0, evaluate_every=None, select="last"
    )
    grpo = dataclasses.replace(recipe.grpo, steps=steps, warmup_steps=0, max_staleness=0, reserve_groups=0)
    gates = dataclasses.replace(recipe.gates, max_sampler_kl=1e9, min_weight_change=1e-12)
    ours = dataclasses.replace(recipe, sft=sft, grpo=grpo, gates=gates)
    if not on_gpu:
        trainer = dataclasses.replace(ours.trainer, backend="trl", dtype="float32")
        ours = dataclasses.replace(ours, trainer=trainer)
    if size == "tiny":
        small = dataclasses.replace(ours.grpo, tasks_per_step=2, generations=2)
        ours = dataclasses.replace(ours, grpo=small, sft=dataclasses.replace(ours.sft, batch_size=2))
    plain_sft = dataclasses.replace(ours.sft, packing=False)
    plain_trainer = dataclasses.replace(ours.trainer, backend="trl")
    yield "plain TRL", dataclasses.replace(ours, sft=plain_sft, trainer=plain_trainer)
    if on_gpu and importlib.util.find_spec("unsloth") is None:
        print("unsloth is not installed: the recipe's settings run on TRL alone")
        ours = dataclasses.replace(ours, trainer=plain_trainer)
    yield "the recipe", ours


def measured(stage: str, settings: str, rows: list[tuple[float, float]], sequence: float) -> Figure:
    """Return the figure of steps given as (tokens, seconds); the median is robust to one that compiled."""
    on_gpu = torch.cuda.is_available()
    return Figure(
        stage=stage,
        settings=settings,
        tokens_per_sec=statistics.median(tokens / seconds for tokens, seconds in rows[WARMUP_STEPS:]),
        sequence=sequence,
        peak_gb=torch.cuda.max_memory_allocated() / 1e9 if on_gpu else None,
    )


def sft_figure(base: Path, size: Size, settings: str, recipe: Recipe) -> Figure:
    """Run SFT on demonstrations of random tokens."""
    from posttrain_arena.adapters.training.sft import SftRun, run_sft

    rng = random.Random(0)
    shown = {}
    for task in range(recipe.sft.batch_size * recipe.sft.steps):
        rest = rng.randint(size.rest // 2, size.rest * 3 // 2)
        shown[str(task)] = [
            TokenSequence(
                prompt_ids=tuple(rng.randrange(256) for _ in range(size.prompt)),
                completion_ids=tuple(rng.randrange(256) for _ in range(rest)),
                loss_mask=(1,) * rest,
                logprobs=(0.0,) * rest,
            )
        ]
    marks: list[tuple[float, float]] = [(0.0, time.monotonic())]
    with tempfile.TemporaryDirectory() as out:
        run = SftRun(base=base, demonstrations=shown, recipe=recipe, seed=0)
        run_sft(run, out=Path(out), on_step=lambda row: marks.append((row["num_tokens"], time.monotonic())))
    steps = [(now[0] - then[0], now[1] - then[1]) for then, now in itertools.pairwise(marks)]
    return measured("SFT", settings, steps, size.prompt + size.rest)


def grpo_figure(base: Path, size: Size, settings: str, recipe: Recipe, adapter: Path) -> Figure:
    """Run GRPO on episodes that nobody has to sample: what remains of a step is the update."""
    from posttrain_arena.adapters.training.grpo import GrpoRun, run_grpo

    with tempfile.TemporaryDirectory() as out:
        tasks = [str(task) for task in range(recipe.grpo.tasks_per_step)]
        run = GrpoRun(base=base, adapter=adapter, tasks=tasks, actor=Sampled(size), recipe=recipe, seed=0)
        run_grpo(run, out=Path(out))
        rows = read_metrics(Path(out) / "metrics.jsonl")
    marks = [0.0, *(row["num_tokens"] for row in rows)]
    steps = [
        (now - then, row["step_sec"] - row["rollout_sec"])
        for then, now, row in zip(marks, marks[1:], rows, strict=False)
    ]
    return measured("GRPO update", settings, steps, size.prompt + size.rest)


def first_adapter(base: Path, recipe: Recipe, folder: Path) -> Path:
    """Write a new adapter for GRPO to go on from, moved a little: at rest its weights have no scale."""
    from posttrain_arena.adapters.training.policy import load_policy

    model = load_policy(base, recipe, seed=0)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=1e-3)
    model.save_pretrained(folder)
    return folder


def main() -> int:
    """Measure both stages under both settings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="tiny")
    parser.add_argument("--steps", type=int, default=6, help="steps a stage, of which the first two are not measured")
    parser.add_argument("--peak", type=float, default=H100_PEAK, help="FLOP/s of the device (default: H100, bfloat16)")
    arguments = parser.parse_args()
    size = SIZES[arguments.size]
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU (a dry run: no figure means anything)"
    with tempfile.TemporaryDirectory() as name:
        base = Path(name) / "base"
        figures = []
        for settings, recipe in variants(arguments.size, arguments.steps):
            prepare(recipe)
            if not base.exists():
                parameters = write_model(size, base, recipe.trainer.dtype)
                print(f"{arguments.size}: {parameters / 1e9:.2f} billion parameters without embeddings, {device}")
            figures.append(sft_figure(base, size, settings, recipe))
            adapter = first_adapter(base, recipe, Path(name) / "adapter")
            figures.append(grpo_figure(base, size, settings, recipe, adapter))
            shutil.rmtree(adapter)
        for figure in sorted(figures, key=lambda one: one.stage, reverse=True):
            print(figure.line(size, parameters, arguments.peak))
    print(f"bench-gpu: {len(figures)} figures on {device}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
