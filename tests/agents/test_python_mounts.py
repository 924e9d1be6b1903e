"""The lent `python`: what the agent set stays, and only a container without hosts is told that it is offline."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from posttrain_arena.adapters.agents.bench import Machine
from posttrain_arena.adapters.agents.python_mounts import HOME, PACKAGES


def started(tools: Path, machine: Machine, **environment: str) -> dict[str, str]:
    """Return the environment that the launcher gives to Python, in whose place `env` tells it."""
    machine.mounts(tools)
    launcher = (tools / "python").read_text().replace(f"{HOME}/bin/python", "env")
    done = subprocess.run(
        ["sh", "-c", launcher],
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split("=", 1) for line in done.stdout.split("\n") if "=" in line)


@pytest.mark.parametrize(
    ("hosts", "own", "offline"),
    [
        ((), {}, "1"),
        (("huggingface.co",), {}, "0"),
        ((), {"HF_HUB_OFFLINE": "0"}, "0"),
        (("huggingface.co",), {"HF_HUB_OFFLINE": "1"}, "1"),
    ],
    ids=["no host", "a host", "no host, and the agent's word", "a host, and the agent's word"],
)
def test_the_hub_is_offline_where_no_host_is_allowed_and_the_agent_said_nothing(
    tmp_path: Path, hosts: tuple[str, ...], own: dict[str, str], offline: str
) -> None:
    assert started(tmp_path, Machine(hosts=hosts), **own)["HF_HUB_OFFLINE"] == offline


def test_the_agents_own_paths_come_before_the_lent_packages(tmp_path: Path) -> None:
    found = started(tmp_path, Machine(), PYTHONPATH="/root/mine:/root/more", LD_LIBRARY_PATH="/root/cuda")
    assert found["PYTHONPATH"] == f"/root/mine:/root/more:{PACKAGES}"
    assert found["LD_LIBRARY_PATH"] == f"{HOME}/lib:/root/cuda"


def test_without_paths_of_its_own_nothing_but_the_packages_is_on_the_path(tmp_path: Path) -> None:
    """An empty part would be the working directory."""
    found = started(tmp_path, Machine())
    assert (found["PYTHONPATH"], found["LD_LIBRARY_PATH"]) == (PACKAGES, f"{HOME}/lib")
