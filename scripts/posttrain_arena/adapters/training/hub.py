"""Download a base model from the Hugging Face Hub."""

from __future__ import annotations

import shutil
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError
from huggingface_hub.utils.tqdm import disable_progress_bars

from posttrain_arena.errors import TrainingError
from posttrain_arena.model.recipe import HubModel

_WANTED = ("*.safetensors", "*.json", "*.jinja", "*.txt", "*.model")
"""Weights as data alone, configuration, tokenizer: nothing that would be run, and no second copy in another format."""

_NOTES = ".cache"
"""Where the hub's library notes how far a download is, and when each file came."""


def download_base(model: HubModel, *, out: Path, endpoint: str | None = None) -> int:
    """Write the model's files at its pinned commit to ``out``; return their bytes.

    ``endpoint`` is the address of another hub. A download that was cut off goes on where it was; of a whole one nothing
    is left but the files, so that every machine has the same. Raises TrainingError where the hub does not have it, or
    does not answer.
    """
    disable_progress_bars()
    try:
        snapshot_download(
            model.repo, revision=model.revision, local_dir=out, allow_patterns=list(_WANTED), endpoint=endpoint
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError, OSError) as error:
        told = f"{model.repo} at {model.revision} cannot be downloaded: {error}"
        raise TrainingError(told, owner="infrastructure") from error
    shutil.rmtree(out / _NOTES)
    files = [path for path in out.rglob("*") if path.is_file()]
    if not any(path.suffix == ".safetensors" for path in files):
        raise TrainingError(f"{model.repo} at {model.revision} has no weights as safetensors")
    return sum(path.stat().st_size for path in files)
