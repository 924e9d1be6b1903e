import pytest
import spans


def test_hours_are_read_and_shown():
    assert spans.parse("10:00-12:30, 13:15-17:00") == [[600, 750], [795, 1020]]
    assert spans.show([[600, 750], [795, 1020]]) == "10:00-12:30, 13:15-17:00"


def test_what_is_no_time_is_an_error():
    with pytest.raises(spans.SpanError):
        spans.parse("morning")


def test_overlapping_spans_are_one():
    assert spans.merge([[700, 800], [600, 720]]) == [[600, 800]]
