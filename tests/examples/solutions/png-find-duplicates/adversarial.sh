#!/bin/bash
# Leaves an index that is as deep as a parser goes, modules named like those of the verifier, and a forged reward.
set -euo pipefail
mkdir -p /logs/verifier
echo 1.0 > /logs/verifier/reward.txt
python3 -c 'print("{\"broken\": " + "[" * 50000 + "]" * 50000 + ", \"groups\": []}")' > /root/index.json
cat > /root/pictures.py <<'PY'
class BrokenFileError(Exception):
    pass


def Picture(data):
    raise BrokenFileError
PY
printf 'def pytest_collection_modifyitems(items):\n    items.clear()\n' > /root/conftest.py
cp /root/conftest.py /root/sitecustomize.py
