"""A job that is asked for again is found, moved or tried once more; one that waits is served in its turn."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from launches import COMPUTE, PLACE, RentedMachines, desk, report, write_job

from posttrain_arena.cli.collect import look
from posttrain_arena.cli.demo_kit import Kit
from posttrain_arena.cli.launch import Asked, launch_job
from posttrain_arena.cli.launch_desk import Desk
from posttrain_arena.core.launch.ledger import get, keep, read_ledger
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.launch import Launch, Place


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Kit]:
    return write_job(tmp_path_factory.mktemp("kit"))


@pytest.fixture
def machines() -> RentedMachines:
    return RentedMachines()


@pytest.fixture
def at(tmp_path: Path, machines: RentedMachines) -> Desk:
    return desk(tmp_path, machines)


def _launched(at: Desk, path: Path, place: Place = PLACE) -> tuple[Launch, Launch]:
    base, own = launch_job(at, path, Asked(place=place, pull=None, head="", exhibition=""))
    return base, own


def test_a_job_that_was_cancelled_and_has_ended_is_launched_again_at_once(at, machines, made) -> None:
    path, _ = made
    _, own = _launched(at, path)
    keep(at.ledger, at.cancel(own))
    machines.stands(f"{own.name}-post-train", "CANCELLED", seconds=3600)
    _, again = _launched(at, path)
    assert [stage.state for stage in again.stages] == ["launched", "waiting"]
    assert machines.launched.count(f"{own.name}-post-train") == 2
    assert again.stages[0].cost_usd == 3.0


def test_a_job_that_still_ends_is_not_launched_and_says_so(at, machines, made) -> None:
    path, _ = made
    _, own = _launched(at, path)
    keep(at.ledger, at.cancel(own))
    with pytest.raises(UsageError, match="post-train was told to end and still runs"):
        _launched(at, path)
    assert machines.launched.count(f"{own.name}-post-train") == 1


def test_a_job_whose_first_place_was_wrong_is_evaluated_where_it_is_asked_for_then(at, machines, made) -> None:
    path, _ = made
    wrong = dataclasses.replace(PLACE, suite="s3://no-suite", infra="lambda")
    base, own = _launched(at, path, wrong)
    machines.stands(f"{base.name}-baseline", "FAILED")
    machines.stands(f"{own.name}-post-train", "SUCCEEDED", told=report("post-train"))
    own = at.advance(own)
    machines.stands(f"{own.name}-evaluate", "FAILED")
    base, own = _launched(at, path)
    assert (base.place, own.place) == (PLACE, PLACE)
    for task in (f"{base.name}-baseline", f"{own.name}-evaluate"):
        assert machines.tasks[task]["envs"]["ARENA_SUITE"] == PLACE.suite
    assert machines.launched.count(f"{own.name}-post-train") == 1


def test_a_running_job_is_not_moved_in_silence(at, machines, made) -> None:
    path, _ = made
    _, own = _launched(at, path)
    with pytest.raises(UsageError, match="post-train runs already, with store 's3://arena' and not 's3://other'"):
        _launched(at, path, dataclasses.replace(PLACE, store="s3://other"))
    assert get(at.ledger, own.name) == own


def test_a_free_machine_goes_to_whoever_asked_first_whatever_their_names(at, machines, made) -> None:
    _, kit = made
    names = [_launched(desk(at.ledger, machines, _places(0)), _job(kit, seed))[1].name for seed in (1, 2)]
    early, late = sorted(names, reverse=True)
    for name, day in ((early, "2026-11-01"), (late, "2026-11-20")):
        keep(at.ledger, dataclasses.replace(get(at.ledger, name), asked=day))
    _, newest = _launched(desk(at.ledger, machines, _places(2)), _job(kit, 3))
    assert newest.stages[0].note == "2 asked before it"
    assert [one.name for one, _ in look(desk(at.ledger, machines, _places(2)), [])][1:] == [early, late, newest.name]
    started = [one.name for one in read_ledger(at.ledger) if one.entry and one.stages[0].state == "launched"]
    assert started == [early]


def _job(kit: Kit, seed: int) -> Path:
    path = kit.folder / f"job-{seed}" / "job.json"
    documents.write_document(path, kit.job(seed, beside=path.parent))
    return path


def _places(number: int):
    return dataclasses.replace(COMPUTE, parallel_jobs=number)
