def test_count():
    if open("/root/count.txt").read().strip() != "3":
        raise ValueError("wrong count")
