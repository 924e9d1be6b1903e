"""What was signed for results is kept beside them, once it holds, and only then is a result shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from played_contest import Contest
from played_sigstore import PlayedSigstore, statement

from posttrain_arena.adapters.attestations import Attestations
from posttrain_arena.cli.bot.attested import keep_bundle
from posttrain_arena.cli.bot.collect import collect
from posttrain_arena.core.leaderboard.attestation import ISSUER, Signer
from posttrain_arena.errors import ArenaError

SIGNER = Signer(repository="posttrain-arena/posttrain-arena")


def signed(contest: Contest, run: str, data: bytes, *, identity: str = SIGNER.identity) -> tuple[Attestations, Path]:
    sigstore, path = PlayedSigstore(), contest.folder / "attestation.json"
    said = statement({run.rpartition("/")[2]: data})
    path.write_bytes(sigstore.bundle(said, identity=identity, repository=SIGNER.repository, issuer=ISSUER))
    return Attestations(SIGNER, sigstore.trusted_root(contest.folder / "root.json")), path


def outputs(contest: Contest) -> dict[str, str]:
    lines = (contest.folder / "output").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_a_result_is_signed_for_kept_and_shown(contest: Contest) -> None:
    contest.label()
    contest.finish()
    run = outputs(contest)["runs"]
    data = contest.github.store.blob("refs/heads/main", run)[1]
    judge, bundle = signed(contest, run, data)
    for _ in range(2):
        keep_bundle(contest.context("labeled"), judge, bundle, [run])
    place = run.replace("/runs/", "/attestations/runs/").replace(".json", ".sigstore")
    assert contest.github.store.blob("refs/heads/main", place)[1] == bundle.read_bytes()
    assert {one["workflow"] for one in contest.github.dispatched} == {"pages.yml"}
    history = contest.github.store.git("log", "--format=%s", "refs/heads/main").decode()
    assert history.count("Keep what was signed for 1 run") == 1
    (contest.folder / "output").write_text("")
    assert collect(contest.context("labeled"))
    assert outputs(contest) == {}, "nothing is left to be signed"


def test_a_result_whose_signature_was_lost_is_handed_on_again(contest: Contest) -> None:
    contest.label()
    contest.finish()
    first = outputs(contest)
    (contest.folder / "output").write_text("")
    assert collect(contest.context("labeled"))
    assert outputs(contest) == first


@pytest.mark.parametrize("how", ["other bytes", "somebody else", "not there"])
def test_what_does_not_hold_is_not_kept_and_nothing_is_shown(how: str, contest: Contest) -> None:
    contest.label()
    contest.finish()
    run = outputs(contest)["runs"]
    data = contest.github.store.blob("refs/heads/main", run)[1]
    identity = SIGNER.identity.replace("collect", "check") if how == "somebody else" else SIGNER.identity
    judge, bundle = signed(contest, run, data + b" " if how == "other bytes" else data, identity=identity)
    before = contest.github.store.ref("refs/heads/main")
    runs = ["leaderboard/runs/never.json"] if how == "not there" else [run]
    with pytest.raises(ArenaError, match=r"does not speak of|does not hold|is not there"):
        keep_bundle(contest.context("labeled"), judge, bundle, runs)
    assert contest.github.store.ref("refs/heads/main") == before
    assert contest.github.dispatched == []
    assert json.loads(data)["entry"]["name"] == "team-north"
