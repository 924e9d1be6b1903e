"""What the tests of sealed evaluations share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tiny_policy import TinyPolicy


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyPolicy:
    """Return a base model with two adapters."""
    from tiny_policy import make_policy

    return make_policy(tmp_path_factory.mktemp("tiny"))
