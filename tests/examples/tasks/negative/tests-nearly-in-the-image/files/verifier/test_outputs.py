from pathlib import Path


def test_count():
    assert Path("/root/count.txt").read_text().strip() == "3"


def test_form():
    text = Path("/root/count.txt").read_text()
    assert text.endswith("\n"), "the last line has no end"
    assert len(text.split()) == 1, "more than one number"
