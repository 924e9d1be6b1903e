import urllib.request

BASE = "http://127.0.0.1:8000"


def test_count():
    assert urllib.request.urlopen(BASE + "/count").read() == b"3"
