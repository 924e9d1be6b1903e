"""Base models from a hub: exactly the pinned commit, weights as data, and a clear word where it is not there."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from posttrain_arena.core.training.stages import output_digest, run_stage
from posttrain_arena.errors import TrainingError
from posttrain_arena.model.recipe import HubModel

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "config.json": b'{"architectures": ["Qwen3ForCausalLM"]}',
    "model.safetensors": b"weights",
    "tokenizer.json": b"{}",
    "pytorch_model.bin": b"a pickle that nobody wants",
    "modeling_evil.py": b"raise SystemExit",
    "README.md": b"# A model",
}


class Hub(BaseHTTPRequestHandler):
    """The three calls of the hub's API that a download makes, for one repository."""

    files: ClassVar[dict[str, bytes]] = FILES
    url = ""

    def do_GET(self) -> None:
        if self.path.startswith(f"/api/models/owner/name/revision/{COMMIT}"):
            siblings = [{"rfilename": name} for name in self.files]
            self._send(json.dumps({"id": "owner/name", "sha": COMMIT, "siblings": siblings}).encode())
        elif self.path.startswith(f"/owner/name/resolve/{COMMIT}/"):
            self._send(self.files[self.path.rsplit("/", 1)[1]])
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.end_headers()

    do_HEAD = do_GET  # noqa: N815 (the base class has it so)

    def _send(self, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture
def hub() -> Iterator[type[Hub]]:
    class Mine(Hub):
        files: ClassVar[dict[str, bytes]] = dict(FILES)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Mine)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Mine.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield Mine
    finally:
        server.shutdown()
        server.server_close()


def a_model(repo: str = "owner/name") -> HubModel:
    return HubModel(repo=repo, revision=COMMIT, context=8192)


def test_weights_configuration_and_tokenizer_come_and_nothing_that_runs(hub: type[Hub], tmp_path: Path) -> None:
    from posttrain_arena.adapters.training.hub import download_base

    size = download_base(a_model(), out=tmp_path, endpoint=hub.url)
    found = {path.name for path in tmp_path.iterdir() if path.is_file()}
    assert found == {"config.json", "model.safetensors", "tokenizer.json"}
    assert size == sum(len(FILES[name]) for name in found)
    assert (tmp_path / "model.safetensors").read_bytes() == b"weights"


def test_two_downloads_give_one_digest(hub: type[Hub], tmp_path: Path) -> None:
    from posttrain_arena.adapters.training.hub import download_base

    def digest(machine: str) -> str:
        def work(folder: Path) -> dict[str, int]:
            return {"bytes": download_base(a_model(), out=folder / "model", endpoint=hub.url)}

        return output_digest(run_stage(tmp_path / machine, {"model": "m"}, work)[0])

    assert digest("trains") == digest("evaluates")


def test_a_repository_that_is_not_there_is_told(hub: type[Hub], tmp_path: Path) -> None:
    from posttrain_arena.adapters.training.hub import download_base

    with pytest.raises(TrainingError, match=f"owner/gone at {COMMIT} cannot be downloaded") as caught:
        download_base(a_model("owner/gone"), out=tmp_path, endpoint=hub.url)
    assert caught.value.owner == "infrastructure"


def test_weights_that_are_only_a_pickle_are_refused(hub: type[Hub], tmp_path: Path) -> None:
    from posttrain_arena.adapters.training.hub import download_base

    del hub.files["model.safetensors"]
    with pytest.raises(TrainingError, match="has no weights as safetensors"):
        download_base(a_model(), out=tmp_path, endpoint=hub.url)
