#!/bin/bash
# Comes back from a chain that was gone to as if it had been jumped to.
set -euo pipefail
sed 's/= option == "-g", words/= False, words/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
