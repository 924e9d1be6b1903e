#!/bin/bash
# Bills hidden rows.
set -euo pipefail
sed 's/if hidden or not isinstance/if not isinstance/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
