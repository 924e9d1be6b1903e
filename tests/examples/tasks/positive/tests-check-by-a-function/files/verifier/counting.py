def check_count(path):
    assert open(path).read().strip() == "3"
