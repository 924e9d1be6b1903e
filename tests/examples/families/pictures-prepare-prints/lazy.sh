#!/bin/bash
# Prints of the right size and format, all in the colour of the frame, and an index that is true of them.
set -euo pipefail
sed 's|(PRINTS / f|rows = [[rows[0][0]] * width] * height\n        (PRINTS / f|' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
