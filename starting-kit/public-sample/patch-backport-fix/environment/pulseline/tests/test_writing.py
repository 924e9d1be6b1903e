from pulseline import format_comment, format_event


def test_fields_in_their_order():
    assert format_event("a\nb", "add", "7", 1000) == "event: add\nid: 7\nretry: 1000\ndata: a\ndata: b\n\n"


def test_what_is_none_is_left_out():
    assert format_event(event="ping") == "event: ping\n\n"


def test_heartbeat():
    assert format_comment() == ":\n"
