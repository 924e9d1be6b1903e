import subprocess


def test_count():
    done = subprocess.run(["python3", "/root/count.py"], capture_output=True, text=True)
    assert done.stdout.strip() == "3"
