"""What the tests of publishing share."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from finished_run import FinishedRun, finish_run
from hub_stand_in import HubStandIn
from small_training import Trained, train_small


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Return a base model and an adapter of a few thousand weights."""
    return train_small(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="session")
def finished(weights: Trained, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """Return a finished run on the public sample; a test that changes it makes its own."""
    return finish_run(tmp_path_factory.mktemp("finished"), weights)


@pytest.fixture
def hub() -> Iterator[tuple[type[HubStandIn], str]]:
    """Return a hub of the test's own and its address."""
    mine = type("Mine", (HubStandIn,), {"repositories": {}, "stored": {}, "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), mine)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield mine, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return where a publication is written."""
    return tmp_path / "publication"
