#!/bin/bash
# Mends what the three tests show that fail, and no more.
set -euo pipefail
cd /root/cronline
sed -i 's/return range(first, last, /return range(first, last + 1, /' cronline/fields.py
sed -i 's/if found >= after:/if found > after:/' cronline/schedule.py
python3 -m pytest -q -p no:cacheprovider tests
