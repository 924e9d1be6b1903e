"""Base models as the hub has them: written by other versions of transformers than the one that agents save with."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from agent_scripts import RunScript
from hub_models import GEMMA3, QWEN3, written
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from posttrain_arena.adapters.agents.bench import Machine
from posttrain_arena.adapters.agents.evaluate import Asked, Subject, evaluate_model
from posttrain_arena.adapters.agents.kit.answering.__main__ import load
from posttrain_arena.adapters.agents.kit.answering.batches import Row, cache_tokens, complete
from posttrain_arena.adapters.agents.model_folder import Base
from posttrain_arena.errors import UsageError

HEAD, EMBEDDINGS = "lm_head.weight", "model.embed_tokens.weight"


def _saved(base: Path, folder: Path) -> Path:
    """Load a model and save it, as an agent does."""
    AutoModelForCausalLM.from_pretrained(base).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def qwen3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base model with the hub's configuration."""
    return written(tmp_path_factory.mktemp("hub") / "qwen3", QWEN3)


@pytest.fixture(scope="module")
def gemma3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base model that sees, too."""
    return written(tmp_path_factory.mktemp("hub") / "gemma3", GEMMA3)


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


@pytest.mark.parametrize("name", ["qwen3", "gemma3"])
def test_tensors_with_the_names_of_the_hubs_files_are_loaded(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    base: Path = request.getfixturevalue(name)
    trained = shutil.copytree(base, tmp_path / "trained")
    tensors = {key: 2 * value.float() for key, value in load_file(base / "model.safetensors").items()}
    save_file(tensors, trained / "model.safetensors")
    assert Base(base).fault(trained) == ""
    made, wanted = load(base, trained), AutoModelForCausalLM.from_pretrained(base).state_dict()
    assert made.dtype == torch.bfloat16
    assert {key: value.tolist() for key, value in made.state_dict().items()} == {
        key: (2 * value).tolist() for key, value in wanted.items()
    }
    row = Row("item", [5, 6, 7], random.Random(0))
    with torch.inference_mode():
        complete(made, [row], {"max_tokens": 4, "temperature": 0.0, "top_p": 1.0}, frozenset(), cache_tokens(made))
    assert len(row.said) == 4


def test_what_does_not_fit_its_base_is_never_filled_up(qwen3: Path, tmp_path: Path) -> None:
    model = shutil.copytree(qwen3, tmp_path / "model")
    tensors = load_file(model / "model.safetensors")
    del tensors["model.norm.weight"]
    save_file({**tensors, "more": torch.zeros(2)}, model / "model.safetensors")
    with pytest.raises(SystemExit, match=r"\['model.norm.weight'\] missing, \['more'\] unknown"):
        load(qwen3, model)


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "another model": (
        lambda folder: _changed(folder, lambda config: config.update(num_hidden_layers=9)),
        "num_hidden_layers is 9, in the base model 2: name a model of this base",
    ),
    "a link": (lambda folder: (folder / "LICENSE").symlink_to("config.json"), "only regular files are allowed here"),
}


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_a_reference_is_refused_before_it_answers(what: str, small_base: Path, tmp_path: Path) -> None:
    spoil, why = REFUSED[what]
    spoil(shutil.copytree(small_base, tmp_path / "model"))
    subject = Subject(base=small_base, model=tmp_path / "model", run=None)
    asked = Asked(benchmark="tiny-reasoning", regression=(), secret=bytes(16), seed=0, machine=Machine())
    with pytest.raises(UsageError, match=why):
        evaluate_model(subject, asked, None)  # type: ignore[arg-type]  # no engine is needed


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
    config = on_hub.folders[run.id] / "final_model" / "config.json"
    assert json.loads(config.read_text()) == QWEN3
