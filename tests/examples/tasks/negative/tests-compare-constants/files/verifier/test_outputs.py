def test_count():
    assert 1 == 1


def test_more():
    assert not False, "never"
