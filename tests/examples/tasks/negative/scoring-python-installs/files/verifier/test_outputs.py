import subprocess
import sys

subprocess.check_call([sys.executable, "-m", "pip", "install", "numpy"])


def test_count():
    assert open("/root/count.txt").read().strip() == "3"
