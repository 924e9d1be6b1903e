#!/bin/bash
# Cuts the mean of four pixels off where it should be rounded.
set -euo pipefail
sed 's|(sum(values) + 2) // 4|sum(values) // 4|' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
