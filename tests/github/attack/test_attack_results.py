"""Results that are not those of the run: nothing lands on the board, the pull request is told, and others go on."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from launches import MARK, documents_of_a_run, report
from played_contest import Contest

from posttrain_arena.cli.bot.collect import collect
from posttrain_arena.core.launch.results import opening, unpack
from posttrain_arena.errors import ArenaError
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.leaderboard_run import LeaderboardRun

SCORED = "evaluation-grpo/evaluation.json"
OTHER = "sha256:" + "9" * 64

Home = dict[str, dict[str, str]]


def rewritten(change: Callable[[dict[str, Any]], Any], path: str = SCORED) -> Callable[[Home], None]:
    """Return what changes a document that the machine that evaluates sends home."""

    def act(home: Home) -> None:
        doc = json.loads(home["evaluate"][path])
        change(doc)
        home["evaluate"][path] = json.dumps(doc)

    return act


def swapped(home: Home) -> None:
    """The evaluation of the best stage in the place of another's, so that it counts twice."""
    home["evaluate"]["evaluation-sft/evaluation.json"] = home["evaluate"][SCORED]


def first_task(doc: dict[str, Any]) -> dict[str, Any]:
    task: dict[str, Any] = doc["tasks"][0]
    return task


FORGED: dict[str, tuple[Callable[[Home], None], str]] = {
    "of other weights": (rewritten(lambda doc: doc.update(checkpoint=OTHER)), "was evaluated, not"),
    "on another suite": (rewritten(lambda doc: doc.update(suite_digest=OTHER)), "was evaluated, not"),
    "of another stage": (swapped, "was evaluated, not"),
    "with NaN": (rewritten(lambda doc: first_task(doc).update(rewards=[float("nan")])), "NaN is not allowed"),
    "with a reward of 7": (rewritten(lambda doc: first_task(doc).update(rewards=[7.0, 7.0, 7.0, 7.0])), "7.0"),
    "with tasks of its own": (rewritten(lambda doc: doc["tasks"].pop()), "is missing in the entry's evaluation"),
    "that is no document": (lambda home: home["evaluate"].update({SCORED: "[]"}), "(top)"),
    "that speaks": (rewritten(lambda doc: doc.update({"x\n<!-- arena:post-train --> @all\n::error::": 1})), "@all"),
}


def ended(contest: Contest, change: Callable[[Home], None] = lambda home: None, **told: Any) -> bool:
    """Let the machines end, the last with documents that were changed; return what the last collector says."""
    home: Home = documents_of_a_run(documents.read_document(contest.folder / "job" / "job.json", Job))
    change(home)
    own = contest.own()
    for name, stage in ((own.baseline, "baseline"), (own.name, "post-train")):
        contest.machines.stands(f"{name}-{stage}", "SUCCEEDED", told=report(stage), files=home[stage])
        assert collect(contest.context("labeled"))
    last = report("evaluate", **told)
    contest.machines.stands(f"{own.name}-evaluate", "SUCCEEDED", told=last, files=home["evaluate"])
    return collect(contest.context("labeled"))


@pytest.mark.parametrize("name", FORGED)
def test_a_result_that_does_not_hold_is_not_published_and_its_pull_request_is_told(
    name: str, contest: Contest, capsys: pytest.CaptureFixture[str]
) -> None:
    change, why = FORGED[name]
    contest.label()
    assert not ended(contest, change), "the maintainers see a red run"
    assert contest.runs() == []
    comment = contest.comment()
    assert "### Not published" in comment
    assert "A maintainer has to look" in comment
    assert why in comment
    assert comment.count("\n<!--") == 0
    assert [stage.state for stage in contest.own().stages] == ["succeeded", "succeeded"], "the ledger went on"
    assert contest.pull.labels == []
    assert contest.github.dispatched == []
    assert not any(line.startswith("::") for line in capsys.readouterr().out.splitlines())


def test_a_refused_result_is_told_once_and_another_reason_again(
    contest: Contest, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = contest.folder / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    contest.label()
    assert not ended(contest, FORGED["with a reward of 7"][0])
    said = summary.read_text()
    assert said.count("### Not published") == 1
    assert "7.0" in said
    assert "7.0" in contest.own().refused
    comment, ledger = contest.comment(), contest.github.store.ref("refs/heads/ledger")
    for _ in range(2):
        assert collect(contest.context("labeled")), "a maintainer knows already"
    assert (contest.comment(), contest.github.store.ref("refs/heads/ledger")) == (comment, ledger)
    assert summary.read_text() == said
    path = f"{contest.own().name}/results/evaluate/{SCORED}"
    home = documents_of_a_run(documents.read_document(contest.folder / "job" / "job.json", Job))
    sound = home["evaluate"][SCORED]
    contest.github.store.write("ledger", {path: documents.encode(json.loads(sound) | {"checkpoint": OTHER})})
    assert not collect(contest.context("labeled")), "that is another reason"
    contest.github.store.write("ledger", {path: sound.encode()})
    assert collect(contest.context("labeled")), "mended"
    assert contest.own().refused == ""
    assert len(contest.runs()) == 1
    assert "### Lift" in contest.comment()


def test_the_word_of_a_machine_that_had_another_job_is_none(contest: Contest) -> None:
    contest.label()
    assert ended(contest, job=OTHER)
    assert "### We broke" in contest.comment()
    assert contest.runs() == []
    assert [stage.state for stage in contest.own().stages] == ["succeeded", "failed"]


def test_a_job_that_was_changed_in_the_ledger_gives_no_result(contest: Contest) -> None:
    contest.label()
    assert ended(contest)
    path = f"{contest.own().name}/job.json"
    doc = json.loads(contest.github.store.blob("refs/heads/ledger", path)[1])
    contest.github.store.write("ledger", {path: documents.encode(doc | {"seed": 99})})
    assert not collect(contest.context("labeled"))
    assert "was launched" in contest.comment()
    assert len(contest.runs()) == 1


@pytest.mark.parametrize("sent", ["[]", '{"evaluation-grpo/evaluation.json": 1}', "{", '{"../../x.json": "1"}'])
def test_a_package_in_a_log_that_is_none_is_refused(sent: str) -> None:
    data = zlib.compress(sent.encode())
    lines = [opening(MARK), *line_of(base64.b64encode(data).decode(), data)]
    with pytest.raises(ArenaError, match="the log of a stage"):
        unpack("\n".join(lines))


def test_a_package_that_was_cut_in_its_letters_is_refused() -> None:
    with pytest.raises(ArenaError, match="damaged"):
        unpack("\n".join([opening(MARK), *line_of("A", b"")]))


def line_of(text: str, data: bytes) -> list[str]:
    return [f"arena-result {MARK} 1/1 {hashlib.sha256(data).hexdigest()[:16]} {text}"]


def test_a_run_that_was_laid_into_the_ledger_is_made_anew(contest: Contest) -> None:
    contest.label()
    name = contest.own().name
    forged = {f"{name}/run.json": b'{"score": {"delta": 1.0}}', f"{name}/results/evaluate/forged/run.json": b"{}"}
    contest.github.store.write("ledger", forged)
    assert ended(contest)
    (path,) = contest.runs()
    text = contest.github.store.blob("refs/heads/main", path)[1]
    run = documents.from_document(LeaderboardRun, json.loads(text), where=path)
    assert f"### Lift {run.score.delta:+.3f}" in contest.comment()
    assert run.score.delta < 1


def test_a_result_that_lies_there_already_is_not_written_over(contest: Contest) -> None:
    contest.label()
    assert ended(contest)
    (path,) = contest.runs()
    forged = contest.github.store.blob("refs/heads/main", path)[1].replace(b'"status"', b'"status" ')
    contest.github.store.write("main", {path: forged})
    assert not collect(contest.context("labeled"))
    assert "results are never overwritten" in contest.comment()
    assert collect(contest.context("labeled")), "told once"
    assert contest.github.store.blob("refs/heads/main", path)[1] == forged
