"""A command that is told to end ends, and a command that is killed leaves nothing for long."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import container_faults as faults
import docker
import pytest
from private_engine import PrivateEngine

from posttrain_arena.model.documents import REPOSITORY_ROOT

pytestmark = pytest.mark.docker
SOUND = REPOSITORY_ROOT / "tests" / "examples" / "tasks" / "sound"
ARENA = Path(sys.executable).with_name("arena")
WAITS = "sleep 300.25"
END_SEC = 20
COMMANDS = {"trial": ["trial"], "check": ["check", "--forget", "--level", "publication-grade"]}
PLACES = {
    "agent": ("oracle/solve.sh", f"{WAITS}\n"),
    "verifier": ("verifier/test.sh", f"{WAITS} 2> /dev/null || exit 1\n"),
    "build": ("environment/Dockerfile", f"RUN {WAITS}\n"),
}
HOLD = Path(__file__).with_name("hold_allowlisted.py")


@contextmanager
def started(private: PrivateEngine, *command: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Run a command with the private engine as its engine; killed at the end where it still runs."""
    process = subprocess.Popen(
        command,
        env=os.environ | {"DOCKER_HOST": private.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def package(folder: Path, place: str) -> Path:
    """Copy the sound package with a wait of minutes in one of its files, after the first line that matters."""
    path = folder / "count-lines"
    shutil.copytree(SOUND, path)
    name, wait = PLACES[place]
    first, rest = (path / name).read_text(encoding="utf-8").split("\n", 1)
    (path / name).write_text(f"{first}\n{wait}{rest}", encoding="utf-8")
    return path


def until(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait for a moment in the life of a process."""
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_waiting(client: docker.APIClient) -> bool:
    """Say whether the wait runs in any container: a build's has no label."""
    found = []
    for one in client.containers():
        try:
            found += [row[-1] for row in client.top(one["Id"])["Processes"] or []]
        except docker.errors.APIError:  # it has ended meanwhile
            continue
    return any(command.endswith(WAITS) for command in found)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_told_to_end_ends_at_once_and_leaves_nothing(
    private: PrivateEngine, client: docker.APIClient, tmp_path: Path, command: str, place: str, sent: signal.Signals
) -> None:
    with started(private, ARENA, *COMMANDS[command], package(tmp_path, place)) as process:
        until(lambda: is_waiting(client), process)
        process.send_signal(sent)
        began = time.monotonic()
        _, said = process.communicate(timeout=END_SEC)
    assert (process.returncode, said.splitlines()[-1]) == (130, "arena: interrupted")
    assert time.monotonic() - began < END_SEC
    assert faults.ours(client) == []


@pytest.mark.parametrize("place", PLACES)
def test_what_a_killed_run_left_is_swept_by_the_next(
    private: PrivateEngine, client: docker.APIClient, tmp_path: Path, place: str
) -> None:
    with started(private, ARENA, "trial", package(tmp_path, place)) as process:
        until(lambda: is_waiting(client), process)
        process.kill()
        process.communicate()
    assert place == "build" or faults.everything_on(client) != []
    with started(private, ARENA, "trial", SOUND, "--expect", "1.0") as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said


def test_a_killed_run_s_network_and_proxy_are_swept_by_the_next(
    private: PrivateEngine, client: docker.APIClient, tmp_path: Path
) -> None:
    uplink = client.create_network("uplink", driver="bridge")["Id"]
    try:
        with started(private, sys.executable, HOLD, private.url, SOUND, WAITS) as process:
            until(lambda: is_waiting(client), process)
            process.kill()
            process.communicate()
        assert len(faults.everything_on(client)) == 4  # uplink, proxy, container and its network
        with started(private, ARENA, "trial", SOUND, "--agent", "noop", "--expect", "0.0") as process:
            assert process.wait(timeout=60) == 0
    finally:
        client.remove_network(uplink)


def test_a_run_leaves_alone_what_a_living_one_has(
    private: PrivateEngine, client: docker.APIClient, tmp_path: Path
) -> None:
    with started(private, ARENA, "trial", package(tmp_path, "agent")) as living:
        until(lambda: is_waiting(client), living)
        with started(private, ARENA, "trial", SOUND, "--expect", "1.0") as process:
            assert process.wait(timeout=60) == 0
        assert is_waiting(client)
        living.terminate()
        assert living.wait(timeout=END_SEC) == 130


def test_an_engine_that_is_not_there_is_not_the_author_s_fault(tmp_path: Path) -> None:
    environment = os.environ | {"DOCKER_HOST": f"unix://{tmp_path}/nobody.sock"}
    path = package(tmp_path, "agent")
    for command in COMMANDS.values():
        done = subprocess.run([ARENA, *command, path], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 3
        assert "no Docker engine answers" in done.stderr
