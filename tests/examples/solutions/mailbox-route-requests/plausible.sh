#!/bin/bash
# Counts the working days from the day that the sender's clock shows.
set -euo pipefail
sed 's/\.astimezone(timezone\.utc)$//' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
