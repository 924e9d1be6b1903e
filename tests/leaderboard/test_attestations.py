"""Who signed for a result: the collector of this repository on main, over exactly these bytes; or it does not count."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from played_sigstore import PlayedSigstore, statement
from synthetic_runs import run

from posttrain_arena.adapters.attestations import MAX_BYTES, Attestations
from posttrain_arena.cli.attested import SignatureCheck
from posttrain_arena.cli.main import main
from posttrain_arena.core.leaderboard.attestation import (
    ISSUER,
    REF,
    WORKFLOW,
    Signer,
    attestation_name,
    statement_faults,
)
from posttrain_arena.core.leaderboard.store import read_run, write_run
from posttrain_arena.model.documents import write_document

REPOSITORY = "posttrain-arena/posttrain-arena"
SIGNER = Signer(repository=REPOSITORY)


@dataclass(frozen=True)
class Board:
    """A leaderboard of one run, a Sigstore, and its root of trust."""

    folder: Path
    sigstore: PlayedSigstore
    root: Path

    @property
    def path(self) -> Path:
        (path,) = (self.folder / "runs").iterdir()
        return path

    @property
    def bundle(self) -> Path:
        return self.folder / attestation_name(self.path.relative_to(self.folder))

    def sign(self, payload: bytes | None = None, **who: str) -> None:
        said = statement({self.path.name: self.path.read_bytes()}) if payload is None else payload
        named = {"identity": SIGNER.identity, "repository": REPOSITORY, "issuer": ISSUER} | who
        self.bundle.parent.mkdir(parents=True, exist_ok=True)
        self.bundle.write_bytes(self.sigstore.bundle(said, **named))

    def faults(self, root: Path | None = None) -> list[str]:
        check = SignatureCheck(self.folder, REPOSITORY, root=root or self.root, required=True)
        return [link.what for link in check(self.path, read_run(self.path)) if link.state == "broken"]


@pytest.fixture
def board(tmp_path: Path) -> Board:
    write_run(tmp_path / "leaderboard", run())
    sigstore = PlayedSigstore()
    return Board(folder=tmp_path / "leaderboard", sigstore=sigstore, root=sigstore.trusted_root(tmp_path / "root.json"))


def test_a_run_that_the_collector_signed_for_holds(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    board.sign()
    assert board.faults() == []
    where = ["--leaderboard", str(board.folder), "--trusted-root", str(board.root)]
    assert main(["leaderboard", "verify", "--attested", *where]) == 0
    assert "signature" not in capsys.readouterr().out


def test_a_ranked_run_that_nobody_signed_for_is_named_where_that_is_asked(
    board: Board, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["leaderboard", "verify", "--leaderboard", str(board.folder)]) == 0
    assert "not looked at: signature: nobody signed for it (1 run(s))" in capsys.readouterr().out
    assert main(["leaderboard", "verify", "--attested", "--leaderboard", str(board.folder)]) == 1
    assert "nobody signed for it" in capsys.readouterr().err


def test_an_exhibition_holds_no_rank_and_needs_no_signature(board: Board) -> None:
    board.path.unlink()
    write_run(board.folder, run(exhibition="phase-0 has no ranks"))
    assert board.faults() == []


WRONG = {
    "another repository": {"repository": "somebody/posttrain-arena"},
    "another repository's workflow": {"identity": f"https://github.com/somebody/posttrain-arena/{WORKFLOW}@{REF}"},
    "another workflow": {"identity": f"https://github.com/{REPOSITORY}/.github/workflows/check.yml@{REF}"},
    "another branch": {"identity": f"https://github.com/{REPOSITORY}/{WORKFLOW}@refs/heads/main2"},
    "a pull request": {"identity": f"https://github.com/{REPOSITORY}/{WORKFLOW}@refs/pull/7/merge"},
    "another issuer": {"issuer": "https://accounts.example.org"},
}


@pytest.mark.parametrize("who", WRONG)
def test_a_signature_of_anybody_else_does_not_count(who: str, board: Board) -> None:
    board.sign(**WRONG[who])
    (fault,) = board.faults()
    assert "does not hold" in fault


def test_a_signature_by_keys_that_nobody_trusts_does_not_count(board: Board, tmp_path: Path) -> None:
    board.sign()
    other = PlayedSigstore(2).trusted_root(tmp_path / "other.json")
    assert "does not hold" in board.faults(other)[0]
    (link,) = SignatureCheck(board.folder, REPOSITORY)(board.path, read_run(board.path))
    assert "does not hold" in link.what, "the public root of trust does not know the played one"


def test_a_signature_over_other_bytes_or_another_file_does_not_count(board: Board) -> None:
    board.sign(statement({board.path.name: b"{}"}))
    assert "does not speak of this file" in board.faults()[0]
    board.sign(statement({"other.json": board.path.read_bytes()}))
    assert "does not speak of this file" in board.faults()[0]
    board.sign()
    write_document(board.path, replace(read_run(board.path), hardware="another machine"))
    assert "does not speak of this file" in board.faults()[0]


@pytest.mark.parametrize("part", ["signature", "payload", "log", "promise", "proof"])
def test_a_bundle_that_was_changed_does_not_count(part: str, board: Board) -> None:
    board.sign()
    doc = json.loads(board.bundle.read_text())
    entry = doc["verificationMaterial"]["tlogEntries"][0]
    if part == "signature":
        other = board.sigstore.bundle(b"{}", identity="https://x.example", repository=REPOSITORY, issuer=ISSUER)
        doc["dsseEnvelope"]["signatures"] = json.loads(other)["dsseEnvelope"]["signatures"]
    elif part == "payload":
        doc["dsseEnvelope"]["payload"] = "e30="
    elif part == "log":
        entry["canonicalizedBody"] = "e30="
    elif part == "promise":
        entry["integratedTime"] = str(int(entry["integratedTime"]) + 1)
    else:
        entry["inclusionProof"]["rootHash"] = "AAAA"
    board.bundle.write_text(json.dumps(doc))
    assert "does not hold" in board.faults()[0]


@pytest.mark.parametrize("junk", [b"", b"{}", b"[1]", b"\xff", b'{"mediaType": "x"}'])
def test_what_is_no_bundle_is_named_and_no_crash(junk: bytes, board: Board) -> None:
    board.sign()
    board.bundle.write_bytes(junk)
    assert "does not hold" in board.faults()[0]


def test_a_link_or_an_endless_bundle_is_not_read(board: Board, tmp_path: Path) -> None:
    board.sign()
    board.bundle.rename(tmp_path / "elsewhere")
    board.bundle.symlink_to(tmp_path / "elsewhere")
    assert "no plain file" in board.faults()[0]
    board.bundle.unlink()
    board.bundle.write_bytes(b" " * (MAX_BYTES + 1))
    assert "no plain file" in board.faults()[0]


@pytest.mark.parametrize(
    "payload", [b"{", b"[]", b"{}", b'{"subject": [{}]}', b'{"subject": [{"name": 1, "digest": 2}]}']
)
def test_a_signed_statement_of_another_kind_says_nothing(payload: bytes) -> None:
    assert statement_faults(payload, "x.json", b"1")


def test_a_statement_of_another_predicate_says_nothing() -> None:
    said = json.loads(statement({"x.json": b"1"}))
    assert statement_faults(json.dumps(said).encode(), "x.json", b"1") == []
    assert statement_faults(json.dumps(said | {"predicateType": "https://x.example"}).encode(), "x.json", b"1")


def test_the_signer_is_one_workflow_on_one_branch() -> None:
    assert SIGNER.identity == (
        "https://github.com/posttrain-arena/posttrain-arena/.github/workflows/collect.yml@refs/heads/main"
    )
    assert Attestations(replace(SIGNER, repository="a/b")) is not None
