#!/bin/bash
# Leaves out segments that were repeated to the letter, and counts those that were cut otherwise again.
set -euo pipefail
sed 's/covered(call\["ranges"\]) for/sum(b - a for a, b in set(call["ranges"])) for/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
