#!/bin/bash
# Cuts a cue at an insert and keeps what stands before it, as if the rest were always shorter.
set -euo pipefail
sed 's/return max(pieces(start, end).*/return next(pieces(start, end))/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
