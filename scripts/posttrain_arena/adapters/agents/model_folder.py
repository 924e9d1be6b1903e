"""Read model folders as data: strict safetensors headers, bounded configuration, nothing is loaded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from posttrain_arena.adapters.safetensors_files import Tensors
from posttrain_arena.core.agents.final_model import ROOM, Shape, Tensor, model_fault
from posttrain_arena.errors import UsageError

CONFIG = "config.json"
TEMPLATE = "chat_template.jinja"
TOKENIZER = "tokenizer_config.json"
MAY_HOLD_TEMPLATES = (TEMPLATE, TOKENIZER)
HEAD = "lm_head.weight"
"""Where it is tied to the embeddings, some files have it beside them and some do not: it is looked at apart."""

MAX_CONFIG_BYTES = 1 << 20
MAX_HEADER_BYTES = 100_000_000
"""The format's own limit."""

SPARE_BYTES = 64 << 20
_BESIDE = frozenset({".json", ".jinja", ".model", ".tiktoken", ".txt"})
"""What stands beside a model's weights: configuration, tokenizer, chat template; no code, no other weights."""

_WIDTHS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}


class Base:
    """The base model that runs and evaluations compare with."""

    def __init__(self, folder: Path) -> None:
        """Read its headers and configuration; raises UsageError where it is no model that transformers knows."""
        self.folder = folder
        known = _known_config(folder)
        self._tied = known.get("tie_word_embeddings") is True
        self._shape = Shape(configs=(_config(folder / CONFIG), known), tensors=self._own_tensors(folder))
        self.weights_bytes = sum(file.stat().st_size for file in weight_files(folder))

    @property
    def most_bytes(self) -> int:
        """What a model of this base may weigh."""
        return int(ROOM * self.weights_bytes) + SPARE_BYTES

    def fault(self, folder: Path) -> str:
        """Return what is wrong with a folder that should be such a model; empty where nothing is."""
        try:
            fault = model_fault(_config(folder / CONFIG), self._own_tensors(folder), self._shape)
        except UsageError as error:
            fault = str(error)
        except RecursionError:
            fault = f"{CONFIG} is nested too deeply"
        return "".join(char if char.isprintable() else "?" for char in fault)

    def _own_tensors(self, folder: Path) -> dict[str, Tensor]:
        """Return a model's tensors but a tied head; raises UsageError where that is more than its embeddings again."""
        tensors = tensors_of(folder)
        if self._tied and tensors.pop(HEAD, None) is not None and not _head_repeats(folder):
            raise UsageError(f"{HEAD} differs from the embeddings that it is tied to: leave it out")
        return tensors

    def canonical(self, folder: Path, out: Path, *, own_template: bool) -> None:
        """Write the model again: its weights, and from the base all else but a chat template that was declared."""
        out.mkdir(parents=True)
        for file in self.folder.iterdir():
            if file.is_file() and file.suffix in _BESIDE and not file.name.endswith(".index.json"):
                shutil.copy(file, out / file.name)
        for file in weight_files(folder):
            shutil.copyfile(file, out / file.name)
        if len(weight_files(folder)) > 1:
            _write_index(out)
        if own_template and (folder / TEMPLATE).is_file():
            shutil.copyfile(folder / TEMPLATE, out / TEMPLATE)


def of_a_model(path: PurePosixPath) -> bool:
    """Say whether ``final_model/NAME`` is looked at as part of a model."""
    if len(path.parts) != 2:
        return False
    if path.name in (CONFIG, *MAY_HOLD_TEMPLATES):
        return True
    return path.name.endswith(".safetensors") and path.name.isprintable() and len(path.name) < 200


def weight_files(folder: Path) -> list[Path]:
    """Return a model's safetensors files, sorted."""
    return sorted(file for file in folder.glob("*.safetensors") if file.is_file() and not file.is_symlink())


def tensors_of(folder: Path) -> dict[str, Tensor]:
    """Return the tensors of a model; raises UsageError for anything that is not the format to the letter."""
    files = weight_files(folder)
    if not files:
        raise UsageError("there is no *.safetensors file")
    found: dict[str, Tensor] = {}
    for file in files:
        tensors = _header(file)
        twice = sorted(set(found) & set(tensors))
        if twice:
            raise UsageError(f"{twice[0]:.80} is in two files")
        found |= tensors
    return found


def _header(file: Path) -> dict[str, Tensor]:
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        size = file.stat().st_size - 8 - length
        if not 2 <= length <= MAX_HEADER_BYTES or size < 0:
            raise UsageError(f"{file.name} is cut off or no safetensors file")
        try:
            header = json.loads(stream.read(length))
            header.pop("__metadata__", None)
            spans = sorted((*_span(entry), name) for name, entry in header.items())
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UsageError(f"the header of {file.name} is broken") from error
    at = 0
    for begin, end, _ in spans:
        if begin != at:
            raise UsageError(f"{file.name} has gaps or overlaps between its tensors")
        at = end
    if at != size:
        raise UsageError(f"{file.name} is cut off, or has bytes that belong to no tensor")
    return {name: Tensor(dtype=entry["dtype"], shape=tuple(entry["shape"])) for name, entry in header.items()}


def _span(entry: Mapping[str, Any]) -> tuple[int, int]:
    begin, end = entry["data_offsets"]
    count = 1
    for width in entry["shape"]:
        if not isinstance(width, int) or width < 0:
            raise ValueError("a shape is not made of whole numbers")
        count *= width
    if not isinstance(begin, int) or not isinstance(end, int) or end - begin != count * _WIDTHS[entry["dtype"]]:
        raise ValueError("a tensor is not as long as its shape says")
    return begin, end


def _head_repeats(folder: Path) -> bool:
    """Say whether a model's head is another of its tensors byte for byte: its embeddings."""
    weights = Tensors(folder)
    if HEAD not in weights.names():
        return False
    alike = [name for name in weights.names() if name != HEAD and weights.shape(name) == weights.shape(HEAD)]
    return any(weights.raw(name) == weights.raw(HEAD) for name in alike)


def _known_config(folder: Path) -> dict[str, Any]:
    """Return a base model's configuration as transformers would write it, with every default."""
    from transformers import AutoConfig

    try:
        read = AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"{folder}: transformers does not know this model: {error}") from error
    known: dict[str, Any] = json.loads(read.to_json_string(use_diff=False))
    return known


def _config(file: Path) -> dict[str, Any]:
    if file.is_symlink() or not file.is_file():
        raise UsageError(f"there is no {file.name}")
    if file.stat().st_size > MAX_CONFIG_BYTES:
        raise UsageError(f"{file.name} is too large")
    try:
        config = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file.name} is not JSON") from error
    if not isinstance(config, dict):
        raise UsageError(f"{file.name} is not a JSON object")
    return config


def _write_index(folder: Path) -> None:
    places = {name: file.name for file in weight_files(folder) for name in _header(file)}
    total = sum(file.stat().st_size for file in weight_files(folder))
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(places.items()))}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
