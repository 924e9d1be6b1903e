#!/bin/bash
# Plans well, and leaves a fifth of the budget.
set -euo pipefail
sed 's/^BUDGET = 3200$/BUDGET = 2560/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
