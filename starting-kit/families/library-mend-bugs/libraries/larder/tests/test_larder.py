import larder
import pytest


def test_settings_are_read():
    assert larder.settings("capacity=3 ttl=90s") == {"capacity": 3, "ttl": 90}


def test_a_capacity_is_a_number():
    with pytest.raises(larder.LarderError):
        larder.settings("capacity=many")


def test_values_are_kept():
    commands = [[0, "put", "a", 1], [1, "get", "a"], [2, "get", "b"], [3, "keys"]]
    assert larder.replay("capacity=2 ttl=30s", commands) == [1, None, ["a"]]


def test_rate_is_told():
    assert larder.rate(1, 1) == "1 of 2 (50.0%)"
