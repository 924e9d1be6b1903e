"""What an agent leaves is a model only where it is the base model's shape with other numbers."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from posttrain_arena.adapters.agents.model_folder import Base
from posttrain_arena.model.tree import tree_digest


@pytest.fixture
def model(tmp_path: Path, small_base: Path) -> Path:
    folder = tmp_path / "final_model"
    shutil.copytree(small_base, folder)
    return folder


def _config(change: Callable[[dict], object]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        change(config)
        (folder / "config.json").write_text(json.dumps(config))

    return apply


def _tensors(change: Callable[[dict], object]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        change(tensors)
        save_file(tensors, folder / "model.safetensors")

    return apply


def _file(name: str, data: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(data) and None


def _header(header: object, body: bytes = b"") -> Callable[[Path], None]:
    text = json.dumps(header).encode()
    return _file("model.safetensors", len(text).to_bytes(8, "little") + text + body)


def _named(name: str) -> Callable[[Path], None]:
    """Give the model one more tensor, with a name that the library would not write."""

    def apply(folder: Path) -> None:
        data = (folder / "model.safetensors").read_bytes()
        start = 8 + int.from_bytes(data[:8], "little")
        end = len(data) - start
        more = {name: {"dtype": "F32", "shape": [0], "data_offsets": [end, end]}}
        _header(json.loads(data[8:start]) | more, data[start:])(folder)

    return apply


def _linked(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder.parent / "elsewhere")
    (folder / "model.safetensors").symlink_to(folder.parent / "elsewhere")


NORM = "model.norm.weight"
FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "another shape": (_config(lambda config: config.update(num_hidden_layers=3)), "num_hidden_layers"),
    "code of its own": (_config(lambda config: config.update(auto_map={"AutoModel": "x.Y"})), "auto_map"),
    "another kind": (_config(lambda config: config.update(model_type="llama")), "model_type"),
    "no configuration": (lambda folder: (folder / "config.json").unlink(), "no config.json"),
    "a broken configuration": (_file("config.json", b"{"), "not JSON"),
    "a deep configuration": (_file("config.json", b"[" * 100_000), "not JSON"),
    "a list": (_file("config.json", b"[]"), "not a JSON object"),
    "a value nested deeply": (
        _file("config.json", b'{"model_type": "qwen3", "num_hidden_layers": ' + b"[" * 900 + b"]" * 900 + b"}"),
        "num_hidden_layers",
    ),
    "a large configuration": (_file("config.json", b" " * (2 << 20)), "too large"),
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), "no *.safetensors"),
    "weights behind a link": (_linked, "no *.safetensors"),
    "a tensor less": (_tensors(lambda tensors: tensors.pop(NORM)), "missing"),
    "a tensor more": (_tensors(lambda tensors: tensors.update(more=np.zeros(3, np.float32))), "not in the base"),
    "a name that is no text": (_named("\ud800"), "such as ?"),
    "a tensor of another shape": (_tensors(lambda tensors: tensors.update({NORM: np.zeros(95, np.float32)})), "shape"),
    "whole numbers": (_tensors(lambda tensors: tensors.update({NORM: np.zeros(96, np.int32)})), "type"),
    "cut off": (lambda folder: os.truncate(folder / "model.safetensors", 300_000), "cut off"),
    "empty": (_file("model.safetensors", b""), "cut off"),
    "a pickle": (_file("model.safetensors", b"\x80\x04\x95" + bytes(100)), "cut off"),
    "a header that is a list": (_header([1]), "broken"),
    "an overlap": (
        _header(
            {
                "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
                "b": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
            },
            bytes(4),
        ),
        "gaps or overlaps",
    ),
    "bytes of nobody": (_header({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, bytes(9)), "no tensor"),
    "a lie about a length": (
        _header({"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 4]}}, bytes(4)),
        "broken",
    ),
}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_what_is_no_such_model_is_refused_with_the_reason(name: str, model: Path, small_base: Path) -> None:
    spoil, why = FAULTS[name]
    spoil(model)
    assert why in Base(small_base).fault(model)


def test_other_numbers_in_any_float_are_a_model(model: Path, small_base: Path) -> None:
    base = Base(small_base)
    assert base.fault(model) == ""
    _tensors(lambda tensors: tensors.update({NORM: np.full(96, 0.5, np.float16)}))(model)
    _config(lambda config: config.update(use_cache=False, transformers_version="9", dtype="float16"))(model)
    assert base.fault(model) == ""


def test_canonical_form_keeps_the_weights_and_takes_all_else_from_the_base(
    model: Path, small_base: Path, tmp_path: Path
) -> None:
    (model / "chat_template.jinja").write_text("{{ 'own' }}")
    (model / "tokenizer.json").write_text("{}")
    (model / "modeling.py").write_text("raise SystemExit")
    base = Base(small_base)
    base.canonical(model, tmp_path / "made", own_template=False)
    assert tree_digest(tmp_path / "made") == tree_digest(small_base)
    base.canonical(model, tmp_path / "declared", own_template=True)
    assert (tmp_path / "declared" / "chat_template.jinja").read_text() == "{{ 'own' }}"
    assert not (tmp_path / "declared" / "modeling.py").exists()


def test_weights_in_several_files_get_an_index(model: Path, small_base: Path, tmp_path: Path) -> None:
    tensors = load_file(model / "model.safetensors")
    (model / "model.safetensors").unlink()
    names = sorted(tensors)
    for number, part in enumerate((names[:5], names[5:]), start=1):
        save_file({name: tensors[name] for name in part}, model / f"model-{number:05d}-of-00002.safetensors")
    base = Base(small_base)
    assert base.fault(model) == ""
    base.canonical(model, tmp_path / "made", own_template=False)
    index = json.loads((tmp_path / "made" / "model.safetensors.index.json").read_text())
    assert sorted(index["weight_map"]) == names
    save_file({names[0]: tensors[names[0]]}, model / "model-00003-of-00002.safetensors")
    assert "in two files" in base.fault(model)
