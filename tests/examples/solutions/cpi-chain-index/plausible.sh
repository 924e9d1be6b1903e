#!/bin/bash
# Carries the last price forward through a gap instead of moving it with its group.
set -euo pipefail
sed 's/unit_price\[quote\] \*= factor/pass/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
