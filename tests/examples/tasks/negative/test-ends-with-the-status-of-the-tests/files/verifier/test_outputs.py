from pathlib import Path


def test_count():
    assert Path("/root/count.txt").read_text().strip() == "3"
