def check_count():
    assert open("/root/count.txt").read().strip() == "3"
