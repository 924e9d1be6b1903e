"""The comment about a post-training run: golden texts for every state, and what a blind phase lets through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from synthetic_runs import run

from posttrain_arena.core.contest.blind import blind_news
from posttrain_arena.core.contest.labels import RULES, Refusal
from posttrain_arena.core.contest.train_comment import (
    MARKER,
    TrainNews,
    refusal_comment,
    train_comment,
    void_comment,
)
from posttrain_arena.model.launch import Launch, Place, StageFailure, StageRun

HEAD = "0123456789abcdef" * 2 + "01234567"
PLACE = Place(infra="", store="s3://arena", suite="s3://suite", python="")
LAUNCH = Launch(
    name="pta-team-north-0123456789ab",
    job="sha256:" + "1f" * 32,
    entry="team-north",
    title="A title @octocat",
    baseline="pta-baseline-000000000000",
    pull=41,
    head=HEAD,
    attempt=2,
    exhibition="",
    place=PLACE,
    stages=(StageRun(stage="post-train"), StageRun(stage="evaluate", note="post-train comes first")),
)
BASELINE = replace(
    LAUNCH,
    name="pta-baseline-000000000000",
    stages=(StageRun(stage="baseline", state="succeeded", cost_usd=2.5, seconds=3600),),
)


def stages(*given: StageRun) -> Launch:
    return replace(LAUNCH, stages=given)


def failed(owner: str, detail: str) -> Launch:
    failure = StageFailure(owner=owner, reason="training", detail=detail)
    return stages(
        StageRun(stage="post-train", state="failed", failure=failure, cost_usd=1.25, seconds=1800),
        StageRun(stage="evaluate", note="post-train comes first"),
    )


CASES = {
    "queued": TrainNews(launch=LAUNCH, baseline=BASELINE, place=3, cost_usd=35.4, most_usd=117.32),
    "running": TrainNews(
        launch=stages(StageRun(stage="post-train", state="launched", cost_usd=4.1, seconds=5000), LAUNCH.stages[1]),
        baseline=BASELINE,
        cost_usd=35.4,
        most_usd=117.32,
    ),
    "failed-author": TrainNews(launch=failed("author", "no demonstration passed\n<!-- arena:check --> @all ```")),
    "failed-machine": TrainNews(launch=failed("infrastructure", "the disk is full")),
    "failed-us": TrainNews(launch=failed("us", "KeyError: 'x'")),
    "cancelled": TrainNews(launch=stages(StageRun(stage="post-train", state="cancelled"), LAUNCH.stages[1])),
    "scored": TrainNews(
        launch=stages(
            *(
                StageRun(stage=stage, state="succeeded", cost_usd=9.0, seconds=7200)
                for stage in ("post-train", "evaluate")
            )
        ),
        baseline=BASELINE,
        result=run(),
        page="https://posttrain-arena.org/runs/x.html",
    ),
}
CASES["refused"] = replace(
    CASES["scored"], result=None, page="", unpublished=True, why="NaN is not allowed\n<!-- arena:check --> @all"
)
CASES["blind"] = blind_news(CASES["scored"])


@pytest.mark.parametrize("name", CASES)
def test_comment_is_the_golden_one(name: str, golden: Callable[[str, bytes], None]) -> None:
    golden(f"comments/train-{name}.md", train_comment(CASES[name]).encode())


def test_a_blind_phase_shows_neither_scores_nor_pages() -> None:
    shown, hidden = (train_comment(CASES[name]) for name in ("scored", "blind"))
    score = run().score
    for secret in (f"{score.delta:+.3f}", f"{score.entry_rate:.3f}", "https://", "team-north", "A title"):
        assert secret not in hidden
    assert f"{score.delta:+.3f}" in shown


def test_a_blind_phase_does_not_say_why_a_result_was_refused() -> None:
    hidden = train_comment(blind_news(CASES["refused"]))
    assert "### Not published" in hidden
    assert "NaN" not in hidden


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_a_refusal_says_who_can_do_what(rule) -> None:
    refusal = Refusal(rule=rule.slug, told=rule.told, what="the pull request is closed", how="reopen it")
    text = refusal_comment(refusal, actor="a`b @octocat", label="post-train", head=HEAD)
    assert text.startswith(f"{MARKER}\n### Not launched\n")
    assert ("maintainers" in text) == (rule.told == "maintainer")
    assert "The pull request is closed." in text
    assert "``a`b @octocat``" in text


def test_a_cancelled_run_says_why() -> None:
    assert "Commits were pushed" in void_comment("Commits were pushed after the label was set.", head=HEAD)
