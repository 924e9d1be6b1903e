"""A run whose proxy was ended still leaves all that is known of it, and says whose fault that was."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import docker
import pytest
from agent_scripts import RunScript

from posttrain_arena.adapters.docker_engine.connection import connect
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.adapters.docker_engine.leftovers import OWNER_LABEL, owner_mark
from posttrain_arena.core.agents.ends import Lost, ended_with
from posttrain_arena.model.agent_run import AgentExit

FINISHED = AgentExit(reason="finished", status=0)
ASKS = """\
python -c 'import urllib.request; urllib.request.urlopen("http://models.example/")' 2>/dev/null
cp -r /arena/base_model final_model; touch asked; sleep 6; exit 0
"""


@pytest.mark.parametrize(
    ("lost", "faults", "reason", "detail"),
    [
        ((), (), "finished", ""),
        ((Lost(what="proxy", of_load=True),), (), "finished", "the proxy ran out of memory"),
        ((Lost(what="side-car", of_load=False),), (), "infrastructure", "the side-car was ended from outside"),
        ((), ("no engine",), "infrastructure", "no engine"),
    ],
)
def test_only_what_the_agent_did_not_do_lets_a_run_be_made_again(
    lost: tuple[Lost, ...], faults: tuple[str, ...], reason: str, detail: str
) -> None:
    ended = ended_with(FINISHED, lost, faults)
    assert (ended.reason, ended.detail) == (reason, detail)


def _ours(client: docker.APIClient) -> dict[str, str]:
    found = client.containers(filters={"label": f"{OWNER_LABEL}={owner_mark()}"})
    return {one["Id"]: one["Command"] for one in found}


@contextmanager
def _proxy_killed() -> Iterator[None]:
    """Kill the proxy that is started meanwhile, once it was asked for something."""
    client = connect()
    before = _ours(client)

    def kill() -> None:
        while not (new := [i for i, command in _ours(client).items() if i not in before and "proxy" in command]):
            time.sleep(0.1)
        while b"models.example" not in client.logs(new[0]):
            time.sleep(0.1)
        client.kill(new[0])

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    yield
    thread.join()


@pytest.mark.docker
def test_a_run_without_its_proxy_is_told_whole_and_is_made_again(run_script: RunScript) -> None:
    with DockerEngine() as engine, _proxy_killed():
        script = replace(run_script, engine=engine)
        run = script("lost-proxy", ASKS, seconds=20.0)
    folder = script.folders[run.id]
    assert (run.exit.reason, run.exit.detail) == ("infrastructure", "the proxy was ended from outside")
    assert (folder / "run.json").is_file()
    assert [json.loads(line)["host"] for line in (folder / "egress.jsonl").read_text().splitlines()] == [
        "models.example"
    ]
    assert run.counts is not None
    assert (folder / "workspace" / "asked").is_file()
