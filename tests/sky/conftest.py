"""A Slurm cluster and a SkyPilot API server for the session, both of this machine alone and gone at its end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from launch_site import SERVER, Site, launched

from posttrain_arena.adapters.skypilot.prices import CATALOGS
from posttrain_arena.model.documents import REPOSITORY_ROOT

CLUSTER = Path("/var/lib/posttrain-arena-slurm")
_CONFIG = """\
jobs:
  controller: {consolidation_mode: true} # the server itself looks after jobs: no machine is rented for that
slurm:
  pricing: {cpu: 0.05, accelerators: {H100: 2.95}}
"""
_PLUGINS = "plugins: [{class: offline_server.OfflineServer}]\n"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--sky-jobs``: CI runs one job alone."""
    parser.addoption("--sky-jobs", choices=("all", "plain"), default="all", help="which jobs the cluster's story has")


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark of tests about one job."""
    config.addinivalue_line("markers", "job(name): is about this job of the cluster's story")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests about jobs that are not launched."""
    wanted = launched(config)
    left = [item for item in items if (mark := item.get_closest_marker("job")) and mark.args[0] not in wanted]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def _answers() -> bool:
    try:
        return httpx.get(f"{SERVER}/api/health", timeout=5).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The cluster and the server, running."""
    if os.geteuid() != 0:
        pytest.fail("these tests make a Slurm cluster on this machine: run them as root (sudo make test-sky)")
    if _answers():
        pytest.fail(f"a SkyPilot API server runs already at {SERVER}: end it with 'sky api stop'")
    home = Path(tempfile.mkdtemp(prefix="arena-sky-"))  # short: sockets lie below it
    binaries = Path(sys.executable).parent
    environment = {
        **os.environ,
        "HOME": str(home),
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parent),
        "SLURM_CONF": str(CLUSTER / "etc" / "slurm.conf"),
        "ARENA_SLURM_DIR": str(CLUSTER),
        "ARENA_SLURM_CLIENT": str(home),
        "ARENA_TEST_PROBE": f"{SERVER}/api/health",
        "SKYPILOT_DISABLE_USAGE_COLLECTION": "1",
    }
    shutil.copytree(CATALOGS, home / ".sky" / "catalogs" / "v8")
    (home / ".sky" / "config.yaml").write_text(_CONFIG, encoding="utf-8")
    (home / ".sky" / "plugins.yaml").write_text(_PLUGINS, encoding="utf-8")
    cluster = REPOSITORY_ROOT / "scripts" / "slurm" / "cluster.sh"
    store = CLUSTER / "shared" / home.name
    try:
        subprocess.run([cluster, "up"], env=environment, check=True)
        subprocess.run(["install", "-d", "-o", "arena-node", store], check=True)
        subprocess.run([binaries / "sky", "api", "start"], env=environment, check=True, timeout=300)
        yield Site(environment=environment, store=store, python=CLUSTER / "bin" / "arena-python")
    finally:
        subprocess.run([binaries / "sky", "api", "stop"], env=environment, check=False, timeout=120)
        subprocess.run([cluster, "down"], env=environment, check=True, timeout=300)
        shutil.rmtree(store, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def wall(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tell how long the session took."""
    began = time.monotonic()
    yield
    request.config.stash[WALL] = time.monotonic() - began


WALL = pytest.StashKey[float]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many of the launches did not end as they must, and the wall time."""
    wrong = len(terminalreporter.getreports("failed")) + len(terminalreporter.getreports("error"))
    seconds = terminalreporter.config.stash.get(WALL, 0.0)
    terminalreporter.write_line(f"sky: {wrong} tests not held, {seconds:.0f} s with cluster and server")
