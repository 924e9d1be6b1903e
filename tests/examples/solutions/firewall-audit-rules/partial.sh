#!/bin/bash
# Judges the packets, and takes for dead only what one single rule further up takes away.
set -euo pipefail
sed 's/for rest in without(box, rule.asks)\]/if not all(box[f] <= rule.asks[f] for f in box) for rest in [box]]/' \
  /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
