def test_count():
    print "counting"
    assert open("/root/count.txt").read().strip() == "3"
