from datetime import datetime

import pytest
from cronline import CronError, next_run


def test_next_full_hour():
    assert next_run("0 * * * *", datetime(2025, 3, 7, 12, 30)) == datetime(2025, 3, 7, 13, 0)


def test_exactly_five_fields():
    with pytest.raises(CronError):
        next_run("0 * * *", datetime(2025, 3, 7))


def test_after_is_not_a_run():
    assert next_run("30 12 * * *", datetime(2025, 3, 7, 12, 30)) == datetime(2025, 3, 8, 12, 30)


def test_range_includes_its_end():
    assert next_run("0 9-11 * * *", datetime(2025, 3, 7, 10, 30)) == datetime(2025, 3, 7, 11, 0)
