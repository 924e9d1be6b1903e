import pytest
import sums


def test_products_come_before_sums():
    assert sums.evaluate("2 + 3 * (4 + 1)", {}) == "17"


def test_names_are_known():
    assert sums.evaluate("net = price / 2; net + 1", {"price": 9}) == "11/2"


def test_division_by_zero_is_an_error():
    with pytest.raises(sums.SumError):
        sums.evaluate("1 / 0", {})


def test_values_are_shown():
    assert sums.show("6173/5", 2) == "1,234.60"
