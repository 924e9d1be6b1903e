"""A fake GitHub for each test; whatever a test does, every request must be one that GitHub's own description allows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contract import Contract
    from fake_github import FakeGitHub
    from github.Repository import Repository


@pytest.fixture(scope="session")
def contract() -> Contract:
    """Return GitHub's description of its API."""
    from contract import DESCRIPTION, Contract

    if not DESCRIPTION.exists():
        message = "GitHub's description of its API is not here: run scripts/setup/github.sh (needs npm)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return Contract()


@pytest.fixture
def github(tmp_path: Path, contract: Contract) -> Iterator[FakeGitHub]:
    """Return a GitHub with one commit on main."""
    from fake_github import FakeGitHub, served

    fake = FakeGitHub(tmp_path, contract)
    fake.store.write("main", {"README.md": b"# Arena\n", "submissions/README.md": b"Entries\n"})
    with served(fake):
        yield fake
    assert fake.requests
    assert fake.faults == []


@pytest.fixture
def repository(github: FakeGitHub) -> Repository:
    """Return the repository as the bot has it."""
    from fake_github import NAME

    from posttrain_arena.adapters.github.connection import connect

    return connect("token", github.url).get_repo(NAME)
