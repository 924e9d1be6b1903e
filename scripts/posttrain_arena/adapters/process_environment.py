"""What the libraries below are told through the process's environment."""

from __future__ import annotations

import os

_SETTINGS = {
    # What a contest runs is reported to nobody.
    "DO_NOT_TRACK": "1",  # huggingface_hub, which reports each of TRL's trainers, and vLLM
    "SKYPILOT_DISABLE_USAGE_COLLECTION": "1",
    "UNSLOTH_DISABLE_STATISTICS": "1",
    # accelerate sets and takes this back at each training; see ``settle_libraries``
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
    "TRL_EXPERIMENTAL_SILENCE": "1",  # rollout_func is experimental; the pin in pyproject holds it
}


def settle_libraries() -> None:
    """Set what is not set yet. Call it before the libraries are imported and before any thread starts.

    A variable that comes or goes moves the process's environment in memory, where another thread may be reading it:
    glibc's getenv, which look-ups of host names call, may then end the process.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
