"""``arena trial --agent chat``: from a task.md with scenes and a user to records on disk."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scripted_endpoint import SUBMIT, ScriptedEndpoint, bash, serving

from posttrain_arena.adapters.docker_engine.connection import connect
from posttrain_arena.adapters.docker_engine.leftovers import OWNER_LABEL
from posttrain_arena.cli.main import main
from posttrain_arena.core.trial.simulated_user import DONE
from posttrain_arena.model import documents
from posttrain_arena.model.trial import Trial

pytestmark = pytest.mark.docker
SOUND = documents.REPOSITORY_ROOT / "tests" / "examples" / "tasks" / "sound"
ARENA = Path(sys.executable).with_name("arena")

PLAY = """
agents:
  roles:
    asker: {capabilities: [user-dialogue]}
    writer: {timeout_sec: 60}
scenes:
  - name: ask
    turns: [asker]
  - turns:
      - {role: writer, prompt: Write it down.}
user:
  stop_rule: has-answered-or-2-rounds
  private_facts: {count: 12}
---
"""
SECTIONS = """
## role:asker

Ask how many lines there are.

## user-persona

You have counted the lines.
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    target = tmp_path / "count-lines"
    shutil.copytree(SOUND, target)
    head, text = (target / "task.md").read_text(encoding="utf-8").split("\n---\n")
    (target / "task.md").write_text(head + PLAY + text + SECTIONS, encoding="utf-8")
    return target


def test_a_task_with_scenes_and_a_user_is_played(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_ENDPOINT_KEY", "key-of-the-agent")
    agent = ScriptedEndpoint(
        [
            {"content": "How many?"},
            {"content": "Thank you."},
            bash("wc -l < /srv/data/poem.txt > /root/count.txt"),
            SUBMIT,
        ],
        max_model_len=4096,
    )
    user = ScriptedEndpoint([{"content": "Twelve, I think."}, {"content": DONE}])
    with serving(agent) as agent_url, serving(user) as user_url:
        words = ["--endpoint", f"{agent_url}/v1/", "--model", "m", "--user-endpoint", user_url, "--user-model", "u"]
        code = main(
            ["trial", str(package), "--agent", "chat", *words, "--out", str(tmp_path / "out"), "--expect", "1.0"]
        )
    assert code == 0
    trial = documents.read_document(tmp_path / "out" / "count-lines-chat-0.json", Trial)
    assert (trial.passed, trial.exit_reason) == (True, "submitted")
    assert [(turn.scene, turn.participant, turn.role) for turn in trial.trajectory] == [
        ("ask", "asker", "system"),
        ("ask", "asker", "user"),
        ("ask", "asker", "assistant"),
        ("ask", "asker", "user"),
        ("ask", "asker", "assistant"),
        ("scene-1", "writer", "system"),
        ("scene-1", "writer", "user"),
        *[("scene-1", "writer", role) for role in ("assistant", "tool", "assistant")],
    ]
    assert [turn.content for turn in trial.trajectory[1:4]] == [
        "Ask how many lines there are.",
        "How many?",
        "Twelve, I think.",
    ]
    told = user.requests[0]["messages"][0]["content"]
    assert all(text in told for text in ("You have counted the lines.", "- count: 12", '"has answered"'))
    assert agent.headers[-1]["Authorization"] == "Bearer key-of-the-agent"
    assert "Authorization" not in user.headers[-1], "one server's key is not another's"


def test_without_a_model_for_the_user_the_infrastructure_failed(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agent = ScriptedEndpoint([])
    with serving(agent) as url:
        code = main(["trial", str(package), "--agent", "chat", "--endpoint", url, "--model", "m"])
    assert (code, agent.requests) == (3, [])
    assert "user-missing (owner: infrastructure)" in (out := capsys.readouterr().out)
    assert "give --user-endpoint and --user-model" in out


def test_an_interrupted_command_does_not_wait_for_its_model() -> None:
    agent = ScriptedEndpoint([600.0, 600.0])
    with serving(agent) as url:
        words = ["--agent", "chat", "--endpoint", url, "--model", "m", "--attempts", "5"]
        process = subprocess.Popen([ARENA, "trial", SOUND, *words], stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 60
        while len(agent.requests) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (130, "arena: interrupted\n")
    owners = [one["Labels"][OWNER_LABEL] for one in connect().containers(all=True, filters={"label": OWNER_LABEL})]
    assert [owner for owner in owners if owner.endswith(f":{process.pid}")] == []


def test_the_oracle_needs_no_user(package: Path) -> None:
    assert main(["trial", str(package), "--agent", "oracle", "--expect", "1.0"]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "needs --endpoint, --model"),
        (["--endpoint", "http://127.0.0.1:1", "--model", "m", "--user-model", "u"], "both --user-endpoint and"),
        (["--endpoint", "http://127.0.0.1:1", "--model", "m", "--role-model", "doer"], "--role-model 'doer': write"),
        (
            ["--endpoint", "http://127.0.0.1:1", "--model", "m", "--context", "100", "--max-tokens", "100"],
            "leaves nothing of a context of 100 tokens",
        ),
    ],
    ids=["nothing", "half-a-user", "half-a-role", "no-room"],
)
def test_arguments_that_describe_no_agent_are_refused(
    package: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["trial", str(package), "--agent", "chat", *words]) == 2
    assert said in capsys.readouterr().err
