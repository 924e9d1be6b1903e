#!/bin/bash
# Mends all three, but lets the sixtieth minute of an hour through.
set -euo pipefail
sed 's/    if minute > 59 or/    if minute > 60 or/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
