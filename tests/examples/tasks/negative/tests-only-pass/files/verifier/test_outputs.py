def test_count():
    pass
