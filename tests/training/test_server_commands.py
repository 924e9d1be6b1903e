"""What the model servers are started with: every setting of the recipe, on loopback, on the right devices."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import pytest
from tiny_policy import tiny_recipe

from posttrain_arena.adapters.model_server import commands
from posttrain_arena.adapters.model_server.commands import Command, server_command
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents

GPU = {"backend": "vllm", "dtype": "bfloat16", "devices": [0], "tensor_parallel": 1, "memory_fraction": 0.85}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand a file in for vLLM's interpreter: nothing here starts it."""
    python = tmp_path / "python"
    python.touch()
    monkeypatch.setattr(commands, "VLLM_PYTHON", python)
    return python


def _command(**changes: dict[str, Any]) -> Command:
    return server_command(Path("model"), tiny_recipe(**changes), name="base")


def _options(command: Command) -> dict[str, str]:
    return {name: value for name, value in itertools.pairwise(command.argv) if name.startswith("--")}


def test_the_arenas_server_gets_what_the_recipe_says() -> None:
    command = _command(server={"sequences": 7, "dtype": "bfloat16"}, grpo={"max_staleness": 2})
    expected = {"--model": "model", "--name": "base", "--dtype": "bfloat16", "--sequences": "7", "--adapters": "4"}
    assert expected.items() <= _options(command).items()
    assert command.argv[0] == sys.executable


def test_vllm_gets_what_the_recipe_says(installed: Path) -> None:
    changes = {"server": GPU | {"sequences": 48}, "lora": {"rank": 24}, "grpo": {"max_staleness": 1}}
    command = _command(**changes)
    expected = {
        "--served-model-name": "base",
        "--host": "127.0.0.1",
        "--dtype": "bfloat16",
        "--max-model-len": "512",
        "--max-num-seqs": "48",
        "--max-loras": "3",
        "--max-lora-rank": "32",
        "--gpu-memory-utilization": "0.85",
        "--generation-config": "vllm",
        "--api-server-count": "1",
    }
    assert expected.items() <= _options(command).items()
    assert "--enable-lora" in command.argv
    assert "--chat-template" not in command.argv
    assert command.argv[0] == str(installed)
    assert command.environment["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] == "1"


def test_vllm_on_a_cpu_takes_little_memory_and_one_thread(installed: Path) -> None:
    command = _command(server={"backend": "vllm"})
    assert _options(command)["--kv-cache-memory-bytes"] == str(commands.CPU_CACHE_BYTES)
    assert "--gpu-memory-utilization" not in command.argv
    assert command.environment["OMP_NUM_THREADS"] == "1"


@pytest.mark.parametrize(
    ("devices", "seen", "visible"),
    [([1], None, "1"), ([1], "4,5", "5"), ([0, 1], "GPU-a,GPU-b,GPU-c", "GPU-a,GPU-b")],
)
def test_devices_are_counted_among_those_that_the_run_sees(
    installed: Path, monkeypatch: pytest.MonkeyPatch, devices: list[int], seen: str | None, visible: str
) -> None:
    if seen is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", seen)
    assert _command(server=GPU | {"devices": devices}).environment["CUDA_VISIBLE_DEVICES"] == visible


def test_devices_hold_as_many_copies_as_fit(installed: Path) -> None:
    options = _options(_command(server=GPU | {"devices": [0, 1, 2, 3], "tensor_parallel": 2}))
    assert (options["--tensor-parallel-size"], options["--data-parallel-size"]) == ("2", "2")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"server": GPU | {"devices": [0, 1, 2], "tensor_parallel": 2}}, "make server/devices a multiple"),
        ({"server": GPU | {"tensor_parallel": 2}}, "do not hold whole copies"),
        ({"server": GPU, "lora": {"rank": 513}}, "serves ranks up to 512"),
        ({"server": GPU | {"devices": [2]}}, "there is no device 2: this run sees 2"),
    ],
)
def test_what_cannot_be_served_is_refused_before_anything_starts(
    installed: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], said: str
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    with pytest.raises(UsageError, match=said):
        _command(**changes)


def test_without_vllm_the_way_to_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "VLLM_PYTHON", tmp_path / "python")
    with pytest.raises(UsageError, match=r"run scripts/setup/vllm\.sh"):
        _command(server={"backend": "vllm"})


def test_a_reference_agent_is_served_without_room_for_adapters(installed: Path) -> None:
    frozen = read_competition(documents.REPOSITORY_ROOT / "competition.yaml").reference_agent.document()
    command = server_command(Path("model"), frozen, name="base")
    assert "--enable-lora" not in command.argv
    assert not [option for option in _options(command) if "lora" in option]
    assert _options(command)["--max-model-len"] == str(frozen.model.context)
    assert _options(command)["--gpu-memory-utilization"] == str(frozen.server.memory_fraction)
