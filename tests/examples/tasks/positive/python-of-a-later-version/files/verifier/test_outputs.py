type Count = int


def test_count():
    data = {"path": "/root/count.txt"}
    assert open(f"{data["path"]}").read().strip() == "3"
