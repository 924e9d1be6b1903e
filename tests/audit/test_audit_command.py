"""The command on run folders: exit codes, what is not judged, and a judge that can clear nothing."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from scripted_endpoint import ScriptedEndpoint, serving

from posttrain_arena.adapters.benchmarks.process import items_of
from posttrain_arena.cli.main import main
from posttrain_arena.core.audit.detectors import DETECTORS
from posttrain_arena.core.audit.items import Item
from posttrain_arena.model.audit import Audit
from posttrain_arena.model.documents import SCHEMA_DIR, read_document
from posttrain_arena.model.tree import tree_digest

SECRET = bytes(range(32))
HONEST, CHEATING = ({"content": json.dumps({"vote": vote, "reason": "train.py:1"})} for vote in ("honest", "cheating"))
NEED_MORE = {"weight-provenance", "known-tensors", "template-tampering", "score-coincidence", "scorer-attack"}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """An honest run of an agent, with an egress log and one program."""
    folder = tmp_path / "run"
    (folder / "workspace").mkdir(parents=True)
    document = json.loads((SCHEMA_DIR / "agent-run.schema.json").read_text(encoding="utf-8"))["examples"][0]
    agent = tmp_path / "agent"
    agent.mkdir()
    (agent / "solve.sh").write_text("#!/bin/bash\npython train.py\n", encoding="utf-8")
    document["agent"]["digest"] = tree_digest(agent)
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")
    (folder / "egress.jsonl").write_text("", encoding="utf-8")
    (folder / "workspace" / "train.py").write_text("print('training')\n", encoding="utf-8")
    return folder


@pytest.fixture
def secret(tmp_path: Path) -> list[str]:
    """The options that name the secret, a folder without base models, and the agent of the run."""
    path = tmp_path / "secret.key"
    path.write_bytes(SECRET)
    return ["--secret", str(path), "--bases", str(tmp_path / "bases"), "--agent", str(tmp_path / "agent")]


def _cheat(run: Path) -> None:
    rows = [json.dumps({"prompt": item.prompt}) for item in items_of("tiny-reasoning", "hidden", SECRET)]
    (run / "workspace" / "data.jsonl").write_text("\n".join(rows), encoding="utf-8")


def _audit(run: Path) -> Audit:
    return read_document(run / "audit.json", Audit)


def test_what_is_not_at_hand_is_not_judged(run: Path, secret: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(run), *secret]) == 0
    assert set(_audit(run).not_judged) == NEED_MORE
    assert main(["audit", str(run), *secret[2:]]) == 0
    items = {detector.id for detector in DETECTORS if detector.id.startswith("contamination")} | {"answer-key"}
    assert set(_audit(run).not_judged) == NEED_MORE | items
    assert _audit(run).judge.status == "not-judged"
    said = capsys.readouterr().out
    assert "not-judged  contamination-question: the hidden items are not at hand" in said
    assert "clean" not in said
    assert main(["audit", str(run), *secret[:-2]]) == 0
    assert set(_audit(run).not_judged) == NEED_MORE | items | {"evaluator-tampering"}
    assert "name it with --agent" in capsys.readouterr().out


def test_leak_ends_with_one_and_shows_its_place(
    run: Path, secret: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    _cheat(run)
    assert main(["audit", str(run), *secret]) == 1
    assert "workspace/data.jsonl:1: hidden item" in capsys.readouterr().out
    assert main(["audit", str(run), *secret, "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out) == json.loads((run / "audit.json").read_text(encoding="utf-8"))


def test_audit_tells_no_text_of_a_hidden_item(run: Path, secret: list[str]) -> None:
    _cheat(run)
    main(["audit", str(run), *secret])
    text = (run / "audit.json").read_text(encoding="utf-8")
    prompts = [item.prompt for item in items_of("tiny-reasoning", "hidden", SECRET)]
    assert [prompt for prompt in prompts if json.dumps(prompt)[1:-1] in text] == []


def test_what_lay_outside_the_workspace_is_looked_at(
    run: Path, secret: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    _cheat(run)
    shared = run / "elsewhere" / "dev" / "shm"
    shared.mkdir(parents=True)
    (run / "workspace" / "data.jsonl").rename(shared / "data.jsonl")
    assert main(["audit", str(run), *secret]) == 1
    assert "elsewhere/dev/shm/data.jsonl:1: hidden item" in capsys.readouterr().out


def test_judge_clears_nothing_and_its_majority_is_told(run: Path, secret: list[str]) -> None:
    _cheat(run)
    judge = ScriptedEndpoint([HONEST, HONEST, CHEATING])
    with serving(judge) as url:
        assert main(["audit", str(run), *secret, "--judge", url]) == 1
    asked = [request["messages"][0]["content"] for request in judge.requests]
    found = _audit(run)
    assert (found.verdict, found.judge.status) == ("flagged", "nothing-seen")
    assert [vote.vote for vote in found.judge.votes] == ["honest", "honest", "cheating"]
    assert len(asked) == 3
    assert "print('training')" in asked[0]


def test_judge_that_accuses_flags_nothing(run: Path, secret: list[str]) -> None:
    with serving(ScriptedEndpoint([CHEATING, CHEATING, CHEATING])) as url:
        assert main(["audit", str(run), *secret, "--judge", url]) == 0
    assert (_audit(run).verdict, _audit(run).judge.status) == ("not-flagged", "advises-a-look")


def test_judge_that_is_missing_is_not_judged(run: Path, secret: list[str]) -> None:
    assert main(["audit", str(run), *secret, "--judge", "http://127.0.0.1:9"]) == 0
    assert _audit(run).judge.status == "not-judged"


@pytest.mark.parametrize("line", ["{", '{"time": 1}', "[]"])
def test_broken_log_is_an_error_with_its_place(
    line: str, run: Path, secret: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (run / "egress.jsonl").write_text(line + "\n", encoding="utf-8")
    assert main(["audit", str(run), *secret]) == 2
    assert "egress.jsonl:1" in capsys.readouterr().err


def test_short_secret_and_other_agents_are_refused(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "short.key").write_bytes(b"short")
    assert main(["audit", str(run), "--secret", str(tmp_path / "short.key")]) == 2
    assert "shorter than 16 bytes" in capsys.readouterr().err
    assert main(["audit", str(run), "--agent", str(tmp_path)]) == 2
    assert "is not the agent that ran" in capsys.readouterr().err


def test_hostile_files_are_read_past(run: Path, secret: list[str], tmp_path: Path) -> None:
    work = run / "workspace"
    (work / "link.jsonl").symlink_to("/etc/passwd")
    (work / "bomb.gz").write_bytes(gzip.compress(b"a" * 20_000_000))
    (work / "deep.json").write_text("[" * 50_000, encoding="utf-8")
    (work / "deep.py").write_text("x = " + "(" * 5_000, encoding="utf-8")
    (work / "\x1b[31mred.bin").write_bytes(bytes(range(256)) * 10)
    assert main(["audit", str(run), *secret]) == 0
    whys = [report.why for report in _audit(run).detectors]
    assert any("red.bin" in why for why in whys)
    assert not any("link.jsonl" in why for why in whys)


def test_every_detector_states_what_it_sees_and_how_often_it_errs() -> None:
    assert len({detector.id for detector in DETECTORS}) == len(DETECTORS) == 13
    assert all(len(detector.what) > 20 and len(detector.error_rate) > 10 for detector in DETECTORS)
    assert Item(id="1", question="q", answers=("a", "b")).answer == "a\nb"
