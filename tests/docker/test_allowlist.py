"""A task that names its hosts reaches them and nothing else. The hosts are real containers with TLS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from played_hosts import Host, PlayedHosts, certificate, played
from trial_packages import write_package

from posttrain_arena.adapters.docker_engine.connection import connect
from posttrain_arena.adapters.docker_engine.egress import Uplink
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.adapters.docker_engine.leftovers import OWNER_LABEL, owner_mark
from posttrain_arena.core.trial.agents import AgentRun
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.model.task import Limits, TaskPackage
from posttrain_arena.model.trial import Trial

pytestmark = pytest.mark.docker

ALLOWED = "data.example.test"
OTHER = "other.example.test"
LIMITS = Limits(
    agent_timeout_sec=40,
    verifier_timeout_sec=20,
    build_timeout_sec=60,
    memory_mb=256,
    storage_mb=64,
    network="allowlist",
    allowed_hosts=(ALLOWED, "*.mirror.test"),
)
SERVER = """
import http.server, ssl, threading
class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        self.wfile.write(("hello from " + self.headers["Host"]).encode())
    def log_message(self, *a): pass
plain = http.server.ThreadingHTTPServer(("", 80), Hello)
secure = http.server.ThreadingHTTPServer(("", 443), Hello)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/cert.pem", "/key.pem")
secure.socket = context.wrap_socket(secure.socket, server_side=True)
print("serving")
threading.Thread(target=plain.serve_forever, daemon=True).start()
secure.serve_forever()
"""
FETCH = """python3 - {url} <<'PYTHON'
import ssl, sys, urllib.request
https = urllib.request.HTTPSHandler(context=ssl._create_unverified_context())
open_ = urllib.request.build_opener(urllib.request.ProxyHandler({proxies}), https)
try:
    print("GOT", open_.open(sys.argv[1], timeout=8).read().decode())
except Exception as error:
    print("FAILED", error)
PYTHON
"""


def fetch(url: str, *, direct: bool = False) -> str:
    proxies = "{}" if direct else "None"
    return FETCH.replace("{url}", url).replace("{proxies}", proxies)


RAW_TLS = """python3 - {host} {sni} <<'PYTHON'
import socket, ssl, sys
host, sni = sys.argv[1:]
raw = socket.create_connection(("egress", 3128), timeout=8)
raw.sendall(f"CONNECT {host}:443 HTTP/1.1\\r\\n\\r\\n".encode())
answer = raw.recv(4096).decode()
if " 200 " not in answer:
    print("FAILED", answer.split("\\r\\n")[0])
    sys.exit()
try:
    tls = ssl._create_unverified_context().wrap_socket(raw, server_hostname=sni if sni != "-" else None)
    tls.sendall(f"GET / HTTP/1.0\\r\\nHost: {sni}\\r\\n\\r\\n".encode())
    print("GOT", tls.recv(4096))
except OSError as error:
    print("FAILED", error)
PYTHON
"""


class Types:
    """An agent that types one script and keeps what it said."""

    name = "types"

    def __init__(self, script: str) -> None:
        self.script = script

    def act(self, task: TaskPackage, sandbox: object, *, seed: int) -> AgentRun:
        result = sandbox.run(self.script, timeout_sec=30)  # type: ignore[attr-defined]
        return AgentRun(exit_reason="completed", log=result.output)


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayedHosts]:
    """A host that is allowed, and one that is not."""
    files = certificate(tmp_path_factory.mktemp("cert"), "example.test")
    names = (ALLOWED, "one.mirror.test"), (OTHER,)
    with played([Host(names=each, program=SERVER, files=files) for each in names]) as hosts:
        yield hosts


@pytest.fixture(scope="module")
def walled(outside: PlayedHosts) -> Iterator[DockerEngine]:
    """An engine whose way out leads to the network of ``outside`` alone."""
    with DockerEngine(uplink=outside.uplink) as engine:
        yield engine


@pytest.fixture(scope="module")
def tried(walled: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Trial]:
    """Run a script in a trial of a task with an allow list."""
    package = write_package(tmp_path_factory.mktemp("allowlist"), "asks-outside", limits=LIMITS)
    return lambda script: run_trial(TrialRequest(task=package, agent=Types(script)), walled)


@pytest.mark.parametrize(
    "url", [f"http://{ALLOWED}/", f"https://{ALLOWED}/", "https://one.mirror.test/", f"http://{ALLOWED.upper()}:80/x"]
)
def test_allowed_host_is_reached(url: str, tried: Callable[[str], Trial]) -> None:
    trial = tried(fetch(url))
    assert "GOT hello from" in trial.agent_log
    assert [request.allowed for request in trial.requests] == [True]
    assert trial.failure is None


REFUSED = {
    "second host": lambda a: fetch(f"https://{OTHER}/"),
    "second host without TLS": lambda a: fetch(f"http://{OTHER}/"),
    "label too many": lambda a: fetch("https://two.one.mirror.test/"),
    "name that only ends alike": lambda a: fetch(f"https://evil-{ALLOWED}/"),
    "raw address through the proxy": lambda a: fetch(f"http://{a.address(ALLOWED)}/"),
    "raw address with TLS": lambda a: RAW_TLS.replace("{host}", a.address(ALLOWED)).replace("{sni}", ALLOWED),
    "address as one number": lambda a: RAW_TLS.replace("{host}", "2130706433").replace("{sni}", ALLOWED),
    "other name in the hello": lambda a: RAW_TLS.replace("{host}", ALLOWED).replace("{sni}", OTHER),
    "no name in the hello": lambda a: RAW_TLS.replace("{host}", ALLOWED).replace("{sni}", "-"),
    "raw address directly": lambda a: fetch(f"http://{a.address(ALLOWED)}/", direct=True),
    "allowed host directly": lambda a: fetch(f"http://{ALLOWED}/", direct=True),
    "other port": lambda a: fetch(f"http://{ALLOWED}:8080/"),
    "ssh through CONNECT": lambda a: (
        "exec 3<>/dev/tcp/egress/3128; "
        f"printf 'CONNECT {ALLOWED}:22 HTTP/1.1\\r\\n\\r\\n' >&3; timeout 5 head -1 <&3 | sed 's/^/FAILED /'"
    ),
    "address of version 6": lambda a: fetch("http://[::1]/"),
    "lookup of a name": lambda a: (
        "python3 -c \"import socket; print('GOT', socket.gethostbyname('example.com'))\" || echo FAILED"
    ),
    "lookup at another server": lambda a: (
        'python3 -c "\nimport socket\n'
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3)\n"
        "q = b'\\x12\\x34\\x01\\x00\\x00\\x01' + b'\\x00' * 6 + b'\\x07example\\x03com\\x00\\x00\\x01\\x00\\x01'\n"
        "try:\n    s.sendto(q, ('1.1.1.1', 53)); print('GOT', s.recv(512))\n"
        "except OSError as error:\n    print('FAILED', error)\""
    ),
    "service of the host": lambda a: (
        "gateway=$(hostname -I | sed 's/[0-9]* *$/1/'); "
        'timeout 4 bash -c "echo > /dev/tcp/$gateway/22" && echo GOT || echo FAILED'
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_else_is_reached(name: str, tried: Callable[[str], Trial], outside: PlayedHosts) -> None:
    trial = tried(REFUSED[name](outside))
    assert "GOT" not in trial.agent_log
    assert "FAILED" in trial.agent_log
    assert not any(request.allowed for request in trial.requests), trial.requests


def test_every_request_is_logged_with_its_reason(tried: Callable[[str], Trial]) -> None:
    trial = tried(fetch(f"https://{ALLOWED}/") + fetch(f"https://{OTHER}/"))
    rows = [(request.host, request.port, request.allowed, request.why) for request in trial.requests]
    assert rows[0][:3] == (ALLOWED, 443, True)
    assert rows[1] == (OTHER, 443, False, "this host is not one of the task's allowed_hosts")


def test_names_that_resolve_inside_are_refused_on_the_real_uplink(outside: PlayedHosts, tmp_path: Path) -> None:
    package = write_package(tmp_path, "asks-inside", limits=LIMITS)
    with DockerEngine(uplink=Uplink(network=outside.network)) as engine:
        trial = run_trial(TrialRequest(task=package, agent=Types(fetch(f"https://{ALLOWED}/"))), engine)
    assert "GOT" not in trial.agent_log
    assert trial.requests[0].why == "this host resolves to an address that is not public"


def test_nothing_is_left_behind(tried: Callable[[str], Trial], walled: DockerEngine) -> None:
    client, mine = connect(), {"label": f"{OWNER_LABEL}={owner_mark()}"}
    tried("true")
    walled.release()
    assert client.networks(filters=mine) == []
    assert client.containers(all=True, filters=mine) == []
