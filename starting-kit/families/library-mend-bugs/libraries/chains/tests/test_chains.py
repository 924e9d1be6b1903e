import chains
import pytest


def test_needs_are_read():
    assert chains.parse("roof: walls\nwalls: floor # and beams\nfloor") == {
        "roof": ["walls"],
        "walls": ["floor"],
        "floor": [],
    }


def test_needs_come_first():
    assert chains.order({"floor": [], "walls": ["floor"], "roof": ["walls"]}) == ["floor", "walls", "roof"]


def test_a_circle_is_an_error():
    with pytest.raises(chains.ChainError):
        chains.order({"hen": ["egg"], "egg": ["hen"]})


def test_lines_are_wrapped():
    assert chains.wrap(["floor", "walls", "roof"], 14) == ["floor > walls", "roof"]
