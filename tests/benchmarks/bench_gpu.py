"""Measure SFT and the update step of GRPO on one device: a Qwen3 of random weights, the real recipe's batch shapes.

    python tests/benchmarks/bench_gpu.py --size 8b                 # a GPU with 80 GB or more
    python tests/benchmarks/bench_gpu.py --size tiny               # a dry run on a CPU: the same code, other numbers

For each stage plain TRL beside the recipe's settings, each figure in a process of its own: tokens per second, peak
memory, the sequences that fitted at once, and MFU, the share of the device's peak (--peak, FLOP/s) that the model's own
arithmetic takes. For LoRA that is 4 N FLOPs a token (forward, and backward through activations; frozen weights have no
gradient) and attention; recomputation does not count.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import multiprocessing
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

import torch
from gpu_figures import STAGES, Figure, Size, Start, figure, write_start

from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.model.documents import REPOSITORY_ROOT
from posttrain_arena.model.recipe import Recipe

T = TypeVar("T")

RECIPE = REPOSITORY_ROOT / "sky" / "recipes" / "qwen3-8b.yaml"
H100_PEAK = 989e12
"""FLOP/s in bfloat16 without sparsity, NVIDIA's data sheet of the H100 SXM; the H200's is the same."""

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


def alone(work: Callable[..., T], *arguments: object) -> T:
    """Return what ``work`` gives in a process that ends with it: its peak is its own, and what it imports first.

    On a GPU every process begins from nothing: Unsloth has to come before what it patches, and CUDA does not outlive a
    fork. A dry run has neither, and forks them all off one process that has imported the trainers.
    """
    context = multiprocessing.get_context("spawn" if torch.cuda.is_available() else "forkserver")
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload([f"posttrain_arena.adapters.training.{stage}" for stage in ("sft", "grpo")])
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(work, *arguments).result()


def variants(size: str, steps: int) -> dict[str, Recipe]:
    """Return plain TRL, then the recipe's settings; on a CPU both without what only a GPU has."""
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
    plain = dataclasses.replace(
        ours,
        sft=dataclasses.replace(ours.sft, packing=False),
        grpo=dataclasses.replace(ours.grpo, importance_cap=None),
        trainer=dataclasses.replace(ours.trainer, backend="trl"),
    )
    if on_gpu and importlib.util.find_spec("unsloth") is None:
        print("unsloth is not installed: the recipe's settings run on TRL alone")
        ours = dataclasses.replace(ours, trainer=plain.trainer)
    return {"plain TRL": plain, "the recipe": ours}


def line(stage: str, settings: str, reached: Figure, *, size: Size, start: Start, peak: float) -> str:
    """Return a row of the table."""
    attention = (
        8 * size.layers * size.heads * size.head_dim * (size.prompt + size.rest) / 2
    )  # causal: half of all pairs
    mfu = reached.tokens_per_sec * (4 * start.parameters + attention) / peak
    memory = "-" if reached.peak_gb is None else f"{reached.peak_gb:.1f} GB"
    rate = f"{reached.tokens_per_sec:>10.0f} tokens/s  {mfu:>6.1%} MFU  {memory:>9}"
    return f"{stage:<12} {settings:<14} {rate}  {reached.micro_batch} at once"


def main() -> int:
    """Measure both stages under both settings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="tiny")
    parser.add_argument("--steps", type=int, default=6, help="steps a stage, of which the first two are not measured")
    parser.add_argument("--peak", type=float, default=H100_PEAK, help="FLOP/s of the device (default: H100, bfloat16)")
    arguments = parser.parse_args()
    size = SIZES[arguments.size]
    recipes = variants(arguments.size, arguments.steps)
    with tempfile.TemporaryDirectory() as name:
        start = alone(write_start, size, recipes["plain TRL"], Path(name))
        print(f"{arguments.size}: {start.parameters / 1e9:.2f} billion parameters without embeddings, {start.device}")
        for stage in STAGES:
            for settings, recipe in recipes.items():
                reached = alone(figure, stage, size, recipe, start)
                print(line(stage, settings, reached, size=size, start=start, peak=arguments.peak), flush=True)
    print(f"bench-gpu: {len(STAGES) * len(recipes)} figures on {start.device}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
