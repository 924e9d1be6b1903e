from pulseline import Event, EventParser, iter_events


def test_events_are_given_when_their_empty_line_ends():
    parser = EventParser()
    assert parser.feed(b"event: add\ndata: 1\n") == []
    assert parser.feed(b"\ndata: 2") == [Event("add", "1", "", None)]
    assert parser.feed("\n\n") == [Event("", "2", "", None)]


def test_all_three_line_ends():
    assert EventParser().feed(b"data: a\rdata: b\r\ndata: c\n\r\n") == [Event("", "a\nb\nc", "", None)]


def test_an_open_event_is_given_at_the_end_and_ids_go_on():
    parser = EventParser("6")
    assert parser.feed("id: 7\nretry: 10") == []
    assert parser.close() == [Event("", "", "7", 10)]
    assert parser.feed("data: next\n\n") == [Event("", "next", "7", None)]


def test_iter_events_does_not_read_ahead():
    def pieces():
        yield b"data: a\n\n"
        raise AssertionError("asked for more than it needed")

    assert next(iter_events(pieces())).data == "a"


def test_comments_and_unknown_fields_are_skipped():
    assert list(iter_events([": hello\nnonsense: 1\n\ndata\n\n"])) == [Event("", "", "", None)]
