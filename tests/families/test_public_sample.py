"""The starting kit is whole, and its public sample is pinned and keeps the rules."""

from __future__ import annotations

import pytest

from posttrain_arena.cli.main import main
from posttrain_arena.core.check.entry import packages_in
from posttrain_arena.model.documents import REPOSITORY_ROOT

KIT = REPOSITORY_ROOT / "starting-kit"


def test_the_kit_is_whole() -> None:
    assert [len(packages_in(KIT / folder)) for folder in ("examples", "public-sample")] == [8, 20]


def test_the_public_sample_is_pinned_and_keeps_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["suite", "stats", str(KIT / "public-sample")]) == 0, capsys.readouterr().err
