from counting import check_count


def test_count():
    check_count("/root/count.txt")
