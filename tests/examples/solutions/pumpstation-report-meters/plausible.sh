#!/bin/bash
# Takes the counter that went back to 0 for one that stood still.
set -euo pipefail
sed 's/count = (end - start) % size/count = max(0, end - start)/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
