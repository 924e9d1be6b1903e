#!/bin/bash
# Drops cues of which exactly 500 milliseconds are left.
set -euo pipefail
sed 's/if end - start >= 500:/if end - start > 500:/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
