import pytest

pytestmark = pytest.mark.skip


def test_count():
    assert open("/root/count.txt").read().strip() == "3"
