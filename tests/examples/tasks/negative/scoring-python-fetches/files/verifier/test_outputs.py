import urllib.request

ADDRESS = "https://data.example.org/want.txt"


def test_count():
    want = urllib.request.urlopen(ADDRESS).read().decode()
    assert open("/root/count.txt").read() == want
