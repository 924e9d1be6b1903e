#!/bin/bash
# Lets the bank take six days.
set -euo pipefail
sed 's/\.days <= 5)/.days <= 6)/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
