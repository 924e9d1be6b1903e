"""Base models as the hub has them: written by other versions of transformers than the one that agents save with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import RunScript
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

from posttrain_arena.adapters.agents.model_folder import Base
from posttrain_arena.errors import UsageError

HEAD, EMBEDDINGS = "lm_head.weight", "model.embed_tokens.weight"

QWEN3: dict[str, Any] = {  # the keys of Qwen3-4B-Base, with the widths of a small model
    "architectures": ["Qwen3ForCausalLM"],
    "attention_bias": False,
    "attention_dropout": 0.0,
    "bos_token_id": 1,
    "eos_token_id": 1,
    "head_dim": 16,
    "hidden_act": "silu",
    "hidden_size": 64,
    "initializer_range": 0.02,
    "intermediate_size": 128,
    "max_position_embeddings": 32768,
    "max_window_layers": 36,
    "model_type": "qwen3",
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-06,
    "rope_scaling": None,
    "rope_theta": 1000000,
    "sliding_window": None,
    "tie_word_embeddings": True,
    "torch_dtype": "bfloat16",
    "transformers_version": "4.51.0",
    "use_cache": True,
    "use_sliding_window": False,
    "vocab_size": 500,
}
GEMMA3: dict[str, Any] = {  # as gemma-3-4b-pt: a configuration in the other, which leaves most defaults out
    "architectures": ["Gemma3ForConditionalGeneration"],
    "boi_token_index": 255,
    "eoi_token_index": 256,
    "eos_token_id": [1, 106],
    "image_token_index": 262,
    "initializer_range": 0.02,
    "mm_tokens_per_image": 16,
    "model_type": "gemma3",
    "text_config": {
        "head_dim": 8,
        "hidden_size": 64,
        "intermediate_size": 128,
        "model_type": "gemma3_text",
        "num_hidden_layers": 2,
        "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
        "sliding_window": 1024,
        "vocab_size": 300,
    },
    "torch_dtype": "bfloat16",
    "transformers_version": "4.50.0.dev0",
    "vision_config": {
        "hidden_size": 32,
        "image_size": 64,
        "intermediate_size": 64,
        "model_type": "siglip_vision_model",
        "num_attention_heads": 2,
        "num_hidden_layers": 1,
        "patch_size": 16,
        "vision_use_head": False,
    },
}


def _base(folder: Path, config: dict[str, Any]) -> Path:
    """Write a model with this config.json, to the letter."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    torch.manual_seed(0)
    made = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder))
    made.save_pretrained(folder)
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def _saved(base: Path, folder: Path) -> Path:
    """Load a model and save it, as an agent does."""
    AutoModelForCausalLM.from_pretrained(base).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def qwen3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base model with the hub's configuration."""
    return _base(tmp_path_factory.mktemp("hub") / "qwen3", QWEN3)


@pytest.fixture(scope="module")
def gemma3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base model that sees, too."""
    return _base(tmp_path_factory.mktemp("hub") / "gemma3", GEMMA3)


def _changed(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize("name", ["qwen3", "gemma3"])
def test_a_model_that_was_loaded_and_saved_is_one_of_its_base(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    base: Path = request.getfixturevalue(name)
    saved = _saved(base, tmp_path / "saved")
    assert json.loads((saved / "config.json").read_text()) != json.loads((base / "config.json").read_text())
    assert Base(base).fault(saved) == ""
    shutil.copy(base / "config.json", saved)
    assert Base(base).fault(saved) == ""


def test_a_base_of_this_version_takes_what_an_older_one_saved(qwen3: Path, tmp_path: Path) -> None:
    base = _saved(qwen3, tmp_path / "base")
    assert Base(base).fault(qwen3) == ""


def test_what_training_and_the_official_instruct_model_set_makes_no_other_model(qwen3: Path, tmp_path: Path) -> None:
    trained = _changed(
        _saved(qwen3, tmp_path / "trained"), lambda config: config.update(pad_token_id=3, eos_token_id=[1, 2])
    )
    assert Base(qwen3).fault(trained) == ""
    instruct = _changed(
        shutil.copytree(qwen3, tmp_path / "instruct"),
        lambda config: config.update(eos_token_id=2, max_position_embeddings=40960),
    )
    assert Base(qwen3).fault(instruct) == ""


OTHERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "num_hidden_layers": lambda config: config.update(num_hidden_layers=3),
    "hidden_size": lambda config: config.update(hidden_size=128),
    "num_attention_heads": lambda config: config.update(num_attention_heads=8),
    "num_key_value_heads": lambda config: config.update(num_key_value_heads=4),
    "head_dim": lambda config: config.update(head_dim=32),
    "vocab_size": lambda config: config.update(vocab_size=600),
    "layer_types": lambda config: config.update(layer_types=["sliding_attention"] * 2),
    "rope_parameters rope_theta": lambda config: config["rope_parameters"].update(rope_theta=5e6),
    "rope_parameters rope_type": lambda config: config["rope_parameters"].update(rope_type="yarn"),
    "tie_word_embeddings": lambda config: config.update(tie_word_embeddings=False),
    "quantization_config": lambda config: config.update(quantization_config={"load_in_4bit": True}),
    "auto_map": lambda config: config.update(auto_map={"AutoModel": "x.Y"}),
    "model_type": lambda config: config.pop("model_type"),
}


@pytest.mark.parametrize("key", sorted(OTHERS))
def test_another_model_is_refused_by_the_key_that_makes_it_one(key: str, qwen3: Path, tmp_path: Path) -> None:
    model = _changed(_saved(qwen3, tmp_path / "model"), OTHERS[key])
    assert Base(qwen3).fault(model).startswith(f"config.json: {key} is ")


def test_what_the_bases_file_leaves_to_a_default_is_held_to_it(gemma3: Path, tmp_path: Path) -> None:
    saved = _saved(gemma3, tmp_path / "saved")
    assert "num_attention_heads" not in GEMMA3["text_config"]
    _changed(saved, lambda config: config["text_config"].update(num_attention_heads=16))
    assert Base(gemma3).fault(saved) == "config.json: text_config num_attention_heads is 16, in the base model 8"


def _with_head(folder: Path, out: Path, change: float = 0.0) -> Path:
    """Copy a model and store its tied head beside the embeddings, as some files of the hub do."""
    shutil.copytree(folder, out)
    tensors = load_file(out / "model.safetensors")
    save_file({**tensors, HEAD: tensors[EMBEDDINGS] + change}, out / "model.safetensors", {"format": "pt"})
    return out


def test_a_tied_head_may_be_in_one_file_and_not_in_the_other(small_base: Path, tmp_path: Path) -> None:
    stored = _with_head(small_base, tmp_path / "stored")
    assert Base(stored).fault(small_base) == ""
    assert Base(small_base).fault(stored) == ""
    other = _with_head(small_base, tmp_path / "other", change=1.0)
    for base in (small_base, stored):
        assert "lm_head.weight differs from the embeddings that it is tied to" in Base(base).fault(other)


def test_a_head_of_its_own_may_not_be_missing(small_base: Path, tmp_path: Path) -> None:
    untied = _with_head(small_base, tmp_path / "untied")
    _changed(untied, lambda config: config.update(tie_word_embeddings=False))
    model = _changed(
        shutil.copytree(small_base, tmp_path / "model"), lambda config: config.update(tie_word_embeddings=False)
    )
    assert "missing, such as lm_head.weight" in Base(untied).fault(model)


def test_a_base_that_transformers_does_not_know_is_refused_before_it_is_used(small_base: Path, tmp_path: Path) -> None:
    base = _changed(shutil.copytree(small_base, tmp_path / "base"), lambda config: config.update(model_type="nobodys"))
    with pytest.raises(UsageError, match="transformers does not know this model"):
        Base(base)


SAVE_PRETRAINED = """python - <<'PY'
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("/arena/base_model")
model.config.pad_token_id = 0
model.save_pretrained("/root/final_model")
PY"""


def test_what_an_agent_saves_of_a_base_of_the_hub_counts(run_script: RunScript, qwen3: Path, tmp_path: Path) -> None:
    on_hub = replace(run_script, base=_with_head(qwen3, tmp_path / "base"), folders={})
    run = on_hub("saves", SAVE_PRETRAINED, seconds=240.0)
    assert run.exit.reason == "finished"
    assert run.snapshots[-1].why == ""
    assert run.counts is not None
    written = on_hub.folders[run.id] / "final_model" / "config.json"
    assert json.loads(written.read_text()) == QWEN3
