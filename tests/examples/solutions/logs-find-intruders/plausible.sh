#!/bin/bash
# Counts a repeated message once.
set -euo pipefail
sed 's/times, message = int(repeated\[1\]), /message = /' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
