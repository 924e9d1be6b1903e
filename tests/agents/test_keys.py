"""Providers' keys stay in the side-car: the agent calls through it, never sees one, and its tokens are counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from agent_scripts import RunScript
from played_hosts import Host, PlayedHosts, played

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.adapters.docker_engine.key_spending import Account, asked_in, most_of, used_of
from posttrain_arena.adapters.docker_engine.key_spending import cost_of as charged
from posttrain_arena.core.agents.connections import cost_of, tokens_of
from posttrain_arena.model.agent_providers import Provider
from posttrain_arena.model.agent_run import Tokens

KEY = "sk-only-the-side-car-has-this"
PROVIDER = Provider(
    name="models",
    url="http://models.example/v1",
    variable="PROVIDER_API_KEY",
    usd_per_million_input=1_000_000.0,
    usd_per_million_output=0.0,
    most_usd=15.0,
)
PROGRAM = """\
import http.server, json
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers['Content-Length']))
        print(json.dumps([self.path, self.headers['Authorization'], self.headers['X-Api-Key']]), flush=True)
        data = json.dumps({'choices': [], 'usage': {'prompt_tokens': 10, 'completion_tokens': 3}}).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.end_headers()
        self.wfile.write(data)
    def log_message(self, *a): pass
server = http.server.HTTPServer(('', 80), Handler)
print('serving', flush=True)
server.serve_forever()
"""
AGENT = """\
python - <<"END"
import json, os, urllib.request, urllib.error
base, key = os.environ["PROVIDER_API_KEY_BASE_URL"], os.environ["PROVIDER_API_KEY"]
said = {"key": key}
chat = base + "/chat/completions"
for name, url in {"first": chat, "second": chat, "third": chat,
                  "up": base + "/../../secret", "other": base.replace("models", "others") + "/x",
                  "around": "http://models.example/v1/chat/completions"}.items():
    request = urllib.request.Request(url, b"{}", {"Authorization": "Bearer mine", "X-Api-Key": "mine"})
    try:
        said[name] = [urllib.request.urlopen(request, timeout=20).status]
    except urllib.error.HTTPError as error:
        said[name] = [error.code]
json.dump(said, open("said.json", "w"))
END
env >environment; cat /proc/*/environ /settings.json >>environment 2>/dev/null; true
"""


@pytest.fixture
def provider() -> Iterator[PlayedHosts]:
    with played([Host(names=("models.example",), program=PROGRAM)]) as hosts:
        yield hosts


@pytest.mark.docker
def test_keys_reach_the_provider_and_never_the_agent(
    provider: PlayedHosts, run_script: RunScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROVIDER.variable, KEY)
    with DockerEngine(uplink=provider.uplink) as engine:
        keyed = replace(run_script, engine=engine, providers=(PROVIDER,))
        run = keyed("keys", AGENT, seconds=40.0)
    folder = keyed.folders[run.id]
    said = json.loads((folder / "workspace" / "said.json").read_text())
    assert said == {
        "key": "held-by-the-arena",
        "first": [200],
        "second": [200],
        "third": [429],  # what may be spent was spent
        "up": [404],
        "other": [404],
        "around": [403],
    }
    heard = [json.loads(line) for line in provider.said("models.example")]
    assert heard == [["/v1/chat/completions", f"Bearer {KEY}", None]] * 2
    assert not any(KEY.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert run.telemetry.tokens == (
        Tokens(provider="models", calls=2, input_tokens=20, output_tokens=6, cost_usd=20.0),
    )
    assert run.telemetry.cost_usd == 20.0
    assert (run.connections, run.connections_refused) == (6, 4)
    lines = [json.loads(line) for line in (folder / "egress.jsonl").read_text().splitlines()]
    assert [line["host"] for line in lines if line["allowed"]] == ["models.example"] * 2
    assert all(line["received_bytes"] > 0 for line in lines if line["allowed"])


def test_tokens_are_those_that_an_answer_names_last() -> None:
    stream = b'data: {"usage": {"input_tokens": 5, "output_tokens": 1}}\n\ndata: {"usage": {"output_tokens": 9}}\n\n'
    assert used_of(stream) == {"input_tokens": 5, "output_tokens": 9}
    assert used_of(b"no usage at all") == {}
    cached = b'{"usage": {"input_tokens": 5, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 300}}'
    assert used_of(cached) == {"input_tokens": 325}


def test_what_a_call_can_cost_is_reserved_before_it_and_settled_after_it() -> None:
    account = Account({"usd_per_million_input": 2.0, "usd_per_million_output": None, "most_usd": 1.0})
    most = {"input_tokens": 300_000, "output_tokens": 7}
    assert account.reserve(most)
    assert not account.reserve(most)
    account.settle(most, {"input_tokens": 100_000, "output_tokens": 7})
    assert account.reserve(most)
    account.settle(most, {"input_tokens": 400_000, "output_tokens": 7})
    assert not account.reserve({"input_tokens": 1, "output_tokens": 0})


def test_an_answer_that_was_broken_off_is_charged_with_what_was_asked_for() -> None:
    most = {"input_tokens": 50, "output_tokens": 900}
    begun = b'data: {"message": {"usage": {"input_tokens": 70, "output_tokens": 1}}}'
    assert charged(200, begun, whole=False, most=most) == {"input_tokens": 70, "output_tokens": 900}
    assert charged(200, begun, whole=True, most=most) == {"input_tokens": 70, "output_tokens": 1}
    assert charged(429, b"", whole=True, most=most) == {"input_tokens": 0, "output_tokens": 0}


@pytest.mark.parametrize(
    ("body", "output"),
    [
        (b'{"max_tokens": 9}', 9),
        (b'{"max_tokens": 9, "max_completion_tokens": 20, "n": 3}', 60),
        (b'{"max_tokens": true, "n": -1}', 32_768),
        (b"[" * 100_000, 32_768),
        (b'"text"', 32_768),
    ],
)
def test_most_is_a_token_for_a_byte_and_what_is_asked_for(body: bytes, output: int) -> None:
    assert most_of(body, asked_in(body)) == {"input_tokens": len(body), "output_tokens": output}


def test_a_provider_without_a_price_has_no_cost_and_not_a_cost_of_zero() -> None:
    row = {"provider": "models", "input_tokens": 10, "output_tokens": 3}
    tokens = tokens_of([row, {"host": "x"}], [replace(PROVIDER, usd_per_million_output=None)])
    assert [(one.calls, one.input_tokens, one.cost_usd) for one in tokens] == [(1, 10, None)]
    assert cost_of(tokens) is None
    assert cost_of(()) is None
