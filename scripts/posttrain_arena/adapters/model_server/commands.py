"""Say how each backend's server is started, with every setting of the recipe that it takes."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.recipe import RUN_DEVICES, Recipe, Server
from posttrain_arena.model.reference_agent import Acting, AgentServer

VLLM_PYTHON = documents.REPOSITORY_ROOT / ".arena" / "vllm" / "bin" / "python"
"""Where scripts/setup/vllm.sh puts vLLM: its needs and the trainer's do not fit into one environment without a GPU."""

CPU_CACHE_BYTES = 256 * 2**20
"""vLLM's cache on a CPU, of which it would else take most of the machine's memory: 170,000 tokens of the tiny model."""

RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""The ranks that vLLM makes room for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How to start a server, but for ``--port``; ``environment`` is all that it gets."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    start_timeout_sec: float


def server_command(model: Path, recipe: Acting, *, name: str) -> Command:
    """Return how to serve the model in a folder as ``name``; raises UsageError where it cannot be served that way."""
    return _COMMANDS[recipe.server.backend](model, recipe, name)


def adapter_room(recipe: Acting) -> int:
    """Return how many adapters are served at once: those of all versions in use, and the one that comes in."""
    return recipe.grpo.max_staleness + 2 if isinstance(recipe, Recipe) else 0


def _transformers(model: Path, recipe: Acting, name: str) -> Command:
    options = {
        "model": model,
        "name": name,
        "dtype": recipe.server.dtype,
        "sequences": recipe.server.sequences,
        "adapters": adapter_room(recipe),
    }
    module = "posttrain_arena.adapters.model_server.server"
    return Command(
        argv=(sys.executable, "-m", module, *_options(options)),
        environment=os.environ,
        start_timeout_sec=300,  # 5 to 10 s on an idle machine, of which imports are most
    )


def _vllm(model: Path, recipe: Acting, name: str) -> Command:
    server = recipe.server
    options = {
        "model": model,
        "served-model-name": name,
        "host": "127.0.0.1",
        "dtype": server.dtype,
        "max-model-len": recipe.model.context,
        "max-num-seqs": server.sequences,
        "generation-config": "vllm",  # a model's own would cut the sampling off, at top_k 20 with Qwen3
        "logprobs-mode": "raw_logprobs",  # those of the policy, before the temperature
        "api-server-count": 1,  # with several, an adapter would be loaded into one of them
        "uvicorn-log-level": "warning",
        "seed": 0,
        **(_adapters(recipe) if isinstance(recipe, Recipe) else {}),
        **(_cpu() if server.devices is None else _gpu(server)),
    }
    flags = ("--enable-lora",) if isinstance(recipe, Recipe) else ()
    environment = {
        **os.environ,
        "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1",  # whoever may load adapters may read files: loopback only
        "VLLM_HOST_IP": "127.0.0.1",
        "VLLM_NO_USAGE_STATS": "1",
        "HF_HUB_OFFLINE": "1",  # the model is on disk
        **({"VLLM_CPU_OMP_THREADS_BIND": "nobind", "OMP_NUM_THREADS": "1"} if server.devices is None else {}),
        **({} if server.devices is None else {"CUDA_VISIBLE_DEVICES": _visible(server.devices)}),
    }
    module = "vllm.entrypoints.openai.api_server"  # the build for CPUs lacks what `vllm serve` looks for
    python = vllm_python()
    if python is None:
        raise UsageError(
            "the recipe serves with vLLM, which is neither installed here nor in .arena/vllm: "
            "run scripts/setup/vllm.sh, or on a GPU machine install the extra 'gpu'"
        )
    return Command(
        argv=(python, "-m", module, *flags, *_options(options)),
        environment=environment,
        start_timeout_sec=900,  # 20 s on an idle CPU; on a GPU it compiles for minutes
    )


_COMMANDS: Mapping[str, Callable[[Path, Acting, str], Command]] = {"transformers": _transformers, "vllm": _vllm}


def _options(options: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(part for name, value in options.items() for part in (f"--{name}", str(value)))


def _adapters(recipe: Recipe) -> dict[str, object]:
    return {
        "max-loras": adapter_room(recipe),
        "max-cpu-loras": 2 * adapter_room(recipe),  # replaced ones stay until they are the least recently used
        "max-lora-rank": _rank(recipe.lora.rank),
    }


def _cpu() -> dict[str, object]:
    return {"kv-cache-memory-bytes": CPU_CACHE_BYTES}


def _gpu(server: Server | AgentServer) -> dict[str, object]:
    devices, each = len(server.devices or ()), server.tensor_parallel or 1
    copies, rest = divmod(devices, each)
    if rest or not copies:
        raise UsageError(
            f"server: {devices} devices do not hold whole copies of a model that is parted among {each}: "
            "make server/devices a multiple of server/tensor_parallel"
        )
    return {
        "tensor-parallel-size": each,
        "data-parallel-size": copies,
        "gpu-memory-utilization": server.memory_fraction,
    }


def _visible(devices: tuple[int, ...]) -> str:
    """Return the devices as CUDA names them, for a run that itself may see a part of the machine's."""
    seen = os.environ.get(RUN_DEVICES) or os.environ.get("CUDA_VISIBLE_DEVICES")
    names = seen.split(",") if seen else None
    if names is not None and max(devices) >= len(names):
        raise UsageError(f"server/devices: there is no device {max(devices)}: this run sees {len(names)} ({seen})")
    return ",".join(str(device) if names is None else names[device] for device in devices)


def _rank(rank: int) -> int:
    room = next((room for room in RANKS if room >= rank), None)
    if room is None:
        raise UsageError(f"lora/rank: vLLM serves ranks up to {RANKS[-1]}, not {rank}")
    return room


def vllm_python() -> str | None:
    """Return an interpreter that has vLLM: this one, as on a GPU machine, or that of the set-up; None without any."""
    if importlib.util.find_spec("vllm") is not None:
        return sys.executable
    return str(VLLM_PYTHON) if VLLM_PYTHON.exists() else None
