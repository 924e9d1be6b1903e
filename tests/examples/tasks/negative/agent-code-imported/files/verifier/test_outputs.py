import sys

sys.path.insert(0, "/root")
from counting import count


def test_count():
    assert count("/srv/data/poem.txt") == 3
