"""See who signed for the runs of a leaderboard."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from posttrain_arena.adapters.attestations import Attestations
from posttrain_arena.core.leaderboard.attestation import Signer, attestation_name, statement_faults
from posttrain_arena.core.leaderboard.chain import Link, Run

SIGNATURE = "signature"


class SignatureCheck:
    """Verifies, offline, what lies beside each run; where it is ``required`` every run with a rank must be signed for.

    Where nothing is signed the library that verifies may be missing.
    """

    def __init__(self, leaderboard: Path, repository: str, *, root: Path | None = None, required: bool = False) -> None:
        """Remember whose signature counts."""
        self.leaderboard = leaderboard
        self.signer = Signer(repository=repository)
        self.root = root
        self.required = required

    def __call__(self, path: Path, run: Run) -> Iterator[Link]:
        """Say of one published file whether it is signed for."""
        bundle = self.leaderboard / attestation_name(path.relative_to(self.leaderboard))
        if bundle.exists() or bundle.is_symlink():
            yield self._judged(bundle, path)
        elif self.required and run.status == "ranked":
            yield Link(name=SIGNATURE, state="broken", what=f"it holds a rank, and nobody signed for it: no {bundle}")
        else:
            yield Link(name=SIGNATURE, state="open", what="nobody signed for it")

    @cached_property
    def _attestations(self) -> Attestations:
        return Attestations(self.signer, self.root)

    def _judged(self, bundle: Path, path: Path) -> Link:
        payload, why = self._attestations.opened(bundle)
        for fault in [why] if why else statement_faults(payload, path.name, path.read_bytes()):
            return Link(name=SIGNATURE, state="broken", what=f"{bundle.name}: {fault}")
        return Link(name=SIGNATURE, state="holds")
