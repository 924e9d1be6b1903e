"""A server that answers with another policy than the one it was given is found out, whichever server it is."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from safetensors.torch import load_file, save_file
from tiny_policy import Served

from posttrain_arena.adapters.model_server.client import PolicyServer
from posttrain_arena.adapters.model_server.policy import ServedPolicy
from posttrain_arena.errors import DocumentError, ModelServerError
from posttrain_arena.model import documents
from posttrain_arena.model.fingerprint import FINGERPRINT, Fingerprint

pytestmark = pytest.mark.training


@contextmanager
def before(url: str, *, loads: int) -> Iterator[str]:
    """Stand before a server: pass on the first ``loads``, say yes to all others, answer with the last passed on."""
    loaded: list[str] = []

    class Stale(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, data = 200, b"{}"
            if "lora_path" in body and len(loaded) < loads:
                loaded.append(body["lora_name"])
                status, data = self._pass_on(body)
            elif "model" in body:
                body["model"] = loaded[-1] if loaded else "base"
                status, data = self._pass_on(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _pass_on(self, body: dict[str, object]) -> tuple[int, bytes]:
            answer = httpx.post(f"{url}{self.path}", json=body, timeout=60)
            return answer.status_code, answer.content

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stale)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        for name in loaded:
            httpx.post(f"{url}/v1/unload_lora_adapter", json={"lora_name": name}, timeout=60).raise_for_status()


def _behind(served: Served, url: str) -> ServedPolicy:
    return ServedPolicy(server=PolicyServer(url), tokens=served.policy.tokens, recipe=served.recipe)


def test_adapters_are_served_as_they_were_trained(served: Served) -> None:
    first, second = served.tiny.adapters
    tolerance = served.recipe.server.sync_tolerance
    gaps = [served.policy.load("attested", adapter) for adapter in (first, second, first)]
    served.policy.server.unload_adapter("attested")
    assert all(gap <= tolerance / 10 for gap in gaps)


def test_a_server_that_ignores_a_load_is_found_to_serve_the_base_model(served: Served) -> None:
    with (
        before(served.process.url, loads=0) as url,
        pytest.raises(ModelServerError, match="answers with another policy") as caught,
    ):
        _behind(served, url).load("stale", served.tiny.adapters[0])
    assert caught.value.reason == "model-stale"


def test_a_server_that_keeps_the_adapter_before_is_found_out(served: Served) -> None:
    first, second = served.tiny.adapters
    with before(served.process.url, loads=1) as url:
        policy = _behind(served, url)
        policy.load("kept", first)
        with pytest.raises(ModelServerError, match="answers with another policy"):
            policy.load("kept", second)
        policy.server.endpoint.close()


def test_one_update_of_the_weights_is_more_than_the_tolerance(served: Served, tmp_path: Path) -> None:
    """The fingerprint tells policies apart that one small step of training parts: a thousandth of every weight."""
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    for path in served.tiny.adapters[0].iterdir():
        (adapter / path.name).write_bytes(path.read_bytes())
    weights = load_file(adapter / "adapter_model.safetensors")
    moved = {name: tensor * 1.001 for name, tensor in weights.items()}
    save_file(moved, adapter / "adapter_model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelServerError, match="answers with another policy"):
        served.policy.load("moved", adapter)
    with pytest.raises(ModelServerError, match="moved"):
        served.policy.server.score("moved", [1, 2, 3])


@pytest.mark.parametrize("broken", ["missing", "short"])
def test_an_adapter_without_a_whole_fingerprint_is_not_served(served: Served, tmp_path: Path, broken: str) -> None:
    if broken == "short":
        documents.write_bytes(tmp_path / FINGERPRINT, b'{"schema": "fingerprint/1", "token_ids": [1, 2]}')
    with pytest.raises(DocumentError, match=FINGERPRINT):
        served.policy.load("nobody", tmp_path)


def test_a_fingerprint_has_a_number_for_every_token_but_the_first(served: Served) -> None:
    fingerprint = documents.read_document(served.tiny.adapters[0] / FINGERPRINT, Fingerprint)
    assert len(fingerprint.logprobs) == len(fingerprint.token_ids) - 1 > 10
    assert all(logprob < 0 for logprob in fingerprint.logprobs)
