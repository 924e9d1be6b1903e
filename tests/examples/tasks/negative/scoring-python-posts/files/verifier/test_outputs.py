import requests


def test_count():
    answer = open("/root/count.txt").read()
    reply = requests.post(f"https://judge.example.org/check?n={answer}", timeout=10)
    assert reply.json()["right"]
