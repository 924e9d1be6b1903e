#!/bin/bash
# Brings every sample down to 8 bits, as most image libraries do.
set -euo pipefail
sed 's|values = \[v \* 65535 // top_value for v in samples\]|values = [v * 255 // top_value * 257 for v in samples]|' \
  /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
