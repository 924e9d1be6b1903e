def test_count():
    answer = open("/root/count.txt").read().strip()
    assert answer == "3"


def test_form():
    assert (open("/root/count.txt").read().endswith("\n"), "no end of line")
