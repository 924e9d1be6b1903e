"""A blind phase: what is public tells how good somebody is or who, never both, and opens when the phase is over."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from launches import documents_of_a_run, report
from played_contest import Contest

from posttrain_arena.adapters.github.seal import VARIABLE, Seal
from posttrain_arena.cli.bot.collect import collect
from posttrain_arena.cli.bot.context import BotContext
from posttrain_arena.cli.bot.publish import publish
from posttrain_arena.core.leaderboard.blind import GROUP
from posttrain_arena.errors import ArenaError, UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.competition import Phase
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import StageFailure
from posttrain_arena.model.leaderboard_run import LeaderboardRun

KEY = "c0ffee" * 8
BLIND = Phase(name="hidden", opens=None, closes=None, entries="open", ranked=True, note="", blind=True)
OPEN = dataclasses.replace(BLIND, blind=False)


@dataclass(frozen=True)
class InPhase(BotContext):
    """The bot on a day of a phase."""

    @property
    def blind(self) -> bool:
        return bool(self.payload["blind"])


def on_a_day(contest: Contest, *, blind: bool) -> BotContext:
    context = contest.context("labeled", blind=blind)
    return InPhase(**vars(context))


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> Seal:
    monkeypatch.setenv(VARIABLE, KEY)
    return Seal(KEY)


def ended(contest: Contest, *, failed: StageFailure | None = None) -> list[bool]:
    """Let the machines end while the phase is blind."""
    home = documents_of_a_run(documents.read_document(contest.folder / "job" / "job.json", Job))
    own, said = contest.own(), []
    for name, stage in ((own.baseline, "baseline"), (own.name, "post-train"), (own.name, "evaluate")):
        last = failed if stage == "evaluate" else None
        told = report(stage, state="failed" if last else "succeeded", failure=last)
        state = "FAILED" if last else "SUCCEEDED"
        contest.machines.stands(f"{name}-{stage}", state, seconds=77, told=told, files={} if last else home[stage])
        said.append(collect(on_a_day(contest, blind=True)))
    return said


def public(contest: Contest) -> Iterator[tuple[str, bytes]]:
    """Yield every byte that everybody can read beside the pull request itself: branches with their history."""
    store = contest.github.store
    for branch in ("main", "ledger"):
        for line in store.git("rev-list", "--objects", f"refs/heads/{branch}").decode().splitlines():
            sha, _, path = line.partition(" ")
            with contextlib.suppress(KeyError):
                if store.git("cat-file", "-t", sha).strip() in (b"blob", b"commit"):
                    yield f"{branch}:{path}", store.git("cat-file", "-p", sha)


def rewards(contest: Contest) -> list[str]:
    """Return what of the evaluation nobody may read: the list of a task's rewards, the digest of the weights."""
    job = documents.read_document(contest.folder / "job" / "job.json", Job)
    doc = json.loads(documents_of_a_run(job)["evaluate"]["evaluation-grpo/evaluation.json"])
    return [doc["checkpoint"], '"rewards"', '"entry_rate"']


def test_while_it_is_blind_nothing_public_tells_how_good_it_is(
    contest: Contest, key: Seal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = contest.folder / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    contest.label()
    assert all(ended(contest))
    assert "### Scored, hidden until the phase ends" in contest.comment()
    assert contest.runs() == [], "one alone would be told by the moment"
    said = capsys.readouterr()
    shown = [*public(contest), ("comment", contest.comment().encode()), ("log", (said.out + said.err).encode())]
    shown.append(("summary", summary.read_bytes() if summary.exists() else b""))
    assert any(path.endswith(".sealed") for path, _ in shown)
    for path, data in shown:
        assert not [word for word in rewards(contest) if word.encode() in data], path


def test_when_it_is_over_the_result_is_opened(contest: Contest, key: Seal) -> None:
    contest.label()
    ended(contest)
    assert collect(on_a_day(contest, blind=False))
    (path,) = contest.runs()
    run = documents.from_document(
        LeaderboardRun, json.loads(contest.github.store.blob("refs/heads/main", path)[1]), where=path
    )
    assert run.entry.name == "team-north"
    assert f"### Lift {run.score.delta:+.3f}" in contest.comment()


def test_without_the_key_or_with_another_nothing_is_opened(contest: Contest, monkeypatch: pytest.MonkeyPatch) -> None:
    contest.label()
    with pytest.raises(UsageError, match=VARIABLE):
        collect(on_a_day(contest, blind=True))
    monkeypatch.setenv(VARIABLE, "short")
    with pytest.raises(UsageError, match="under 32 characters"):
        collect(on_a_day(contest, blind=True))
    monkeypatch.setenv(VARIABLE, KEY)
    ended(contest)
    monkeypatch.setenv(VARIABLE, KEY[::-1])
    with pytest.raises(ArenaError, match="was not sealed with"):
        collect(on_a_day(contest, blind=False))
    assert contest.runs() == []


def test_why_an_evaluation_failed_or_was_refused_is_told_when_it_is_over(
    contest: Contest, key: Seal, capsys: pytest.CaptureFixture[str]
) -> None:
    contest.label()
    ended(contest, failed=StageFailure(owner="us", reason="evaluation", detail="reward 0.4375 of copy-word"))
    assert "### We broke" in contest.comment()
    assert "Something of ours failed" in contest.comment()
    assert not [path for path, data in [*public(contest), ("", contest.comment().encode())] if b"0.4375" in data]
    assert "0.4375" not in capsys.readouterr().out


def runs_of(contest: Contest, number: int) -> list[LeaderboardRun]:
    """Return runs of as many entries, each with a name in every field that has room for one."""
    from synthetic_runs import run

    return [_named(run(f"planted-{index}"), f"planted-{index}") for index in range(number)]


def _named(run: LeaderboardRun, name: str) -> LeaderboardRun:
    entry = dataclasses.replace(run.entry, name=name, team=f"{name} team", title=f"{name} title", url=f"https://{name}")
    more: dict[str, Any] = {
        "hardware": f"{name} hardware",
        "versions": {name: name},
        "wall_sec": {name: 1.0},
        "checkpoint_steps": {name: 1},
        "base_model": run.base_model,
    }
    from posttrain_arena.core.leaderboard.runs import run_id
    from posttrain_arena.model.documents import said_digest

    run = dataclasses.replace(run, entry=entry, **more)
    run = dataclasses.replace(run, id=run_id(run, run.score))
    return dataclasses.replace(run, digest=said_digest(run))


def test_aliases_are_published_together_and_give_way_to_names(
    contest: Contest, key: Seal, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = runs_of(contest, GROUP)
    blind, after = on_a_day(contest, blind=True), on_a_day(contest, blind=False)
    assert publish(blind, runs[:-1]) == {}
    assert contest.runs() == []
    assert publish(blind, runs) == {}
    aliases = contest.runs()
    assert len(aliases) == GROUP
    store = contest.github.store
    texts = [store.blob("refs/heads/main", path)[1] for path in aliases]
    shown = b"".join([*texts, *map(str.encode, aliases), capsys.readouterr().out.encode()])
    for run in runs:
        hidden = (run.entry.digest, run.job, run.checkpoint, run.id, "planted")
        assert not [word for word in hidden if word.encode() in shown]
    deltas = sorted(json.loads(text)["score"]["delta"] for text in texts)
    assert deltas == sorted(run.score.delta for run in runs)
    assert publish(blind, runs) == {}
    assert contest.runs() == aliases
    assert publish(after, runs) == {}
    assert contest.runs() == sorted(f"leaderboard/runs/{run.id}.json" for run in runs)
