"""Merge an adapter into its base model."""

from __future__ import annotations

from pathlib import Path

from peft import PeftModel

from posttrain_arena.adapters.training.policy import load_base, load_tokenizer


def merge_adapter(base: Path, adapter: Path, *, out: Path, dtype: str) -> None:
    """Write the whole model to ``out``: weights of ``dtype`` as safetensors, configuration, tokenizer."""
    merged = PeftModel.from_pretrained(load_base(base, dtype=dtype), adapter).merge_and_unload(safe_merge=True)
    merged.save_pretrained(out)
    load_tokenizer(base).save_pretrained(out)
