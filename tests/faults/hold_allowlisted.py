"""Run a command in a container with an allow list, on an engine: hold_allowlisted.py URL TASK COMMAND."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import docker

from posttrain_arena.adapters.docker_engine.egress import Uplink
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.cli.packages import load_package

url, path, command = sys.argv[1:]
task = load_package(Path(path))
task = replace(task, limits=replace(task.limits, network="allowlist", allowed_hosts=("example.org",)))
with DockerEngine(docker.APIClient(base_url=url), uplink=Uplink(network="uplink")) as engine:
    image = engine.build(task)
    assert isinstance(image, str)
    with engine.open(task, image, isolation="fresh") as sandbox:
        sandbox.run(command, timeout_sec=400)
