"""GRPO's step checkpoints: whole or not there."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from accelerate import PartialState
from transformers import TrainerCallback

from posttrain_arena.model import documents

_SEAL = "whole.json"


class SealCallback(TrainerCallback):  # type: ignore[misc]
    """Writes a checkpoint's seal (file digests) after everything else, so that a kill leaves none half-sealed."""

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Seal the checkpoint of this step, once every process has written its part."""
        PartialState().wait_for_everyone()
        if not PartialState().is_main_process:
            return
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        documents.write_bytes(folder / _SEAL, documents.encode(_digests(folder)))


def last_whole_checkpoint(folder: Path) -> tuple[Path, int] | None:
    """Return the newest sealed checkpoint and its step; remove every other one, half-written or older."""
    found: tuple[Path, int] | None = None
    for path in sorted(folder.glob("checkpoint-*"), key=_step, reverse=True):
        if found is None and _is_whole(path):
            found = path, _step(path)
        else:
            shutil.rmtree(path)
    return found


def _step(path: Path) -> int:
    return int(path.name.rpartition("-")[2])


def _is_whole(path: Path) -> bool:
    try:
        sealed = json.loads((path / _SEAL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(sealed == _digests(path))


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != _SEAL
    }
