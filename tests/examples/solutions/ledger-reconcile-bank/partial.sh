#!/bin/bash
# Matches right, and does not explain what is left over.
set -euo pipefail
sed 's/^for line in free:/for line in []:/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
