def test_count():
    assert (
        open("/root/count.txt").read().strip() == "3"
    ), "wrong count"
