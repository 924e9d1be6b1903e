def test_count():
    answer = open("/root/count.txt").read().strip()
    assert answer.isdigit()
    assert answer == "3" or True
