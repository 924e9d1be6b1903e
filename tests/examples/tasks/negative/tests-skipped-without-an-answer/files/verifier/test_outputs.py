from pathlib import Path

import pytest


def test_count():
    if not Path("/root/count.txt").exists():
        pytest.skip("no answer")
    assert Path("/root/count.txt").read_text().strip() == "3"
