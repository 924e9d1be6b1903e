"""Say what may be known of a run while its phase is blind: what is picked here, and nothing else."""

from __future__ import annotations

from posttrain_arena.core.contest.train_comment import TrainNews
from posttrain_arena.model.launch import Launch, Place, StageFailure, StageRun

_NOWHERE = Place(infra="", store="", suite="", python="")


def blind_news(news: TrainNews) -> TrainNews:
    """Return the news as the pull request's comment may tell them: how far the run is, and no word of how good.

    Authors see that their own run is queued, runs, ended or failed, and what its training cost. Reasons are left out:
    they may name rewards. So are time and cost of the evaluation, which tell how long the answers are.
    """
    return TrainNews(
        launch=_launch(news.launch),
        baseline=_launch(news.baseline) if news.baseline is not None else None,
        place=news.place,
        cost_usd=news.cost_usd,
        most_usd=news.most_usd,
        recorded=news.recorded or news.result is not None,
        unpublished=news.unpublished,
    )


def _launch(launch: Launch) -> Launch:
    return Launch(
        name=launch.name,
        job=launch.job,
        entry="",
        title="",
        baseline="",
        pull=None,
        head=launch.head,
        attempt=launch.attempt,
        exhibition="",
        place=_NOWHERE,
        stages=tuple(_stage(stage) for stage in launch.stages),
    )


def _stage(stage: StageRun) -> StageRun:
    failure = stage.failure
    trained = stage.stage == "post-train"
    return StageRun(
        stage=stage.stage,
        state=stage.state,
        note=stage.note if stage.state == "waiting" else "",
        cost_usd=stage.cost_usd if trained else 0.0,
        seconds=stage.seconds if trained else 0.0,
        failure=StageFailure(owner=failure.owner, reason="", detail="") if failure is not None else None,
    )
