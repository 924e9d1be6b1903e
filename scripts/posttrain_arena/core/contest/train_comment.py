"""Write the one comment about a post-training run: refused, queued, running, scored, failed, cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from posttrain_arena.core.contest.labels import Refusal
from posttrain_arena.model.launch import Launch, StageName, StageRun
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.markdown import block, cell, span
from posttrain_arena.model.trial import Owner

MARKER = "<!-- arena:post-train -->"

_NAMES: dict[StageName, str] = {
    "post-train": "Post-training",
    "evaluate": "Evaluation",
    "evaluate-skills": "Evaluation with the skills",
    "baseline": "Baseline",
}

_FAILED: dict[Owner, str] = {
    "author": "Failed: mend the entry",
    "infrastructure": "A machine failed, nothing to do for you",
    "us": "We broke, nothing to do for you",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainNews:
    """What is known of a run: its launch, the launch of its baseline, its place among those that wait (0: it runs).

    ``cost_usd`` and ``most_usd`` are what it may cost by the estimate, and at most; ``result`` is there once it is
    scored, with ``page`` as the address of its page; ``recorded`` says that there is one and no more. ``unpublished``
    says that what the machines sent home is no result, and ``why`` more. See ``blind`` for what a blind phase shows.
    """

    launch: Launch
    baseline: Launch | None = None
    place: int = 0
    cost_usd: float = 0.0
    most_usd: float = 0.0
    result: LeaderboardRun | None = None
    page: str = ""
    recorded: bool = False
    unpublished: bool = False
    why: str = ""


def refusal_comment(refusal: Refusal, *, actor: str, label: str, head: str) -> str:
    """Return what is said where a label led to nothing."""
    whom = "This is for the maintainers." if refusal.told == "maintainer" else "This is for the authors of the entry."
    return "\n".join(
        [
            MARKER,
            "### Not launched",
            "",
            f"{span(actor)} set the label `{label}`. {refusal.what[0].upper()}{refusal.what[1:]}.",
            "",
            *([block(refusal.detail.splitlines()[:20]), ""] if refusal.detail else []),
            f"**What to do:** {refusal.how}. {whom} The label is off again, so that it can be set anew.",
            "",
            f"<sub>Commit {head[:12]}, rule {refusal.rule}.</sub>",
            "",
        ]
    )


def void_comment(why: str, *, head: str) -> str:
    """Return what is said where a push, a removed label or a closed pull request ended what was asked for."""
    return "\n".join([MARKER, "### Cancelled", "", why, "", f"<sub>Commit {head[:12]}.</sub>", ""])


def train_comment(news: TrainNews) -> str:
    """Return the comment's Markdown; the same news give the same text."""
    launch = news.launch
    first = list(_first(news))
    lines = [MARKER, f"### {_headline(news)}", "", *first, *([""] if first else []), *_stages(news), ""]
    foot = f"Commit {launch.head[:12]}, job {launch.job.removeprefix('sha256:')[:12]}, attempt {launch.attempt}."
    going = {stage.state for stage in _every(news)} <= {"waiting", "launched", "succeeded"}
    more = " Remove the label to cancel." if going and not (news.result or news.recorded or news.unpublished) else ""
    return "\n".join([*lines, f"<sub>{foot}{more}</sub>", ""])


def _every(news: TrainNews) -> list[StageRun]:
    baseline = list(news.baseline.stages) if news.baseline is not None else []
    return [*baseline, *news.launch.stages]


def _headline(news: TrainNews) -> str:
    states = [stage.state for stage in _every(news)]
    if news.result is not None:
        return _lift(news.result)
    if news.recorded:
        return "Scored, hidden until the phase ends"
    if news.unpublished:
        return "Not published"
    failed = _failed(news)
    if failed is not None:
        return _FAILED[failed.failure.owner if failed.failure is not None else "us"]
    if "cancelled" in states:
        return "Cancelled"
    if "launched" in states:
        return "Running"
    return f"Queued, place {news.place}" if news.place else "Queued"


def _failed(news: TrainNews) -> StageRun | None:
    return next((stage for stage in _every(news) if stage.state == "failed"), None)


def _lift(run: LeaderboardRun) -> str:
    score = run.score
    return f"Lift {score.delta:+.3f} [{score.told.low:+.3f}, {score.told.high:+.3f}]"


def _first(news: TrainNews) -> Iterator[str]:
    """Yield what its readers want to know first."""
    failed = _failed(news)
    if news.result is not None:
        score = news.result.score
        sides = ("without the skills", "with them") if news.result.entry.track == "skills" else ("before", "after")
        yield (
            f"Pass rate {score.baseline_rate:.3f} {sides[0]} and {score.entry_rate:.3f} {sides[1]}, over {score.n} "
            f"held-out tasks; the interval is at {score.analysis.level:.0%}. [The run]({news.page}) has every reward."
        )
    elif news.recorded:
        yield "The result is recorded. Names and scores are shown when the phase is over."
    elif news.unpublished:
        yield "What the machines sent home is no result that can be published. A maintainer has to look."
        if news.why:
            yield from ("", block([news.why]))
    elif failed is not None:
        yield _blame(failed)
        if failed.failure is not None and failed.failure.detail:
            yield from ("", block(failed.failure.detail.splitlines()[-20:]))
    elif news.cost_usd:
        yield f"It may cost about ${news.cost_usd:.2f} and at most ${news.most_usd:.2f}. This comment follows it."


def _blame(stage: StageRun) -> str:
    owner = stage.failure.owner if stage.failure is not None else "us"
    if owner == "author":
        return f"{_NAMES[stage.stage]} ended for a reason that lies in the entry. Mend it, push, and ask again."
    if owner == "infrastructure":
        return "A machine failed. Nothing to do for the authors; a maintainer can set the label again."
    return "Something of ours failed. Nothing to do for the authors; a maintainer has to look."


def _stages(news: TrainNews) -> Iterator[str]:
    ended = any(stage.state in ("failed", "cancelled") for stage in _every(news))
    yield "| Stage | State | Hours | Cost |"
    yield "| --- | --- | --- | --- |"
    for stage in _every(news):
        if ended and stage.state == "waiting":
            yield f"| {_NAMES[stage.stage]} | not run | - | - |"
            continue
        note = f": {cell(stage.note)}" if stage.note else ""
        hours = f"{stage.seconds / 3600:.1f}" if stage.seconds else "-"
        cost = f"${stage.cost_usd:.2f}" if stage.cost_usd else "-"
        yield f"| {_NAMES[stage.stage]} | {stage.state}{note} | {hours} | {cost} |"
