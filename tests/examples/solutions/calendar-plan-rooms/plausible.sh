#!/bin/bash
# Keeps every rule, and takes the first plan that it finds instead of looking for a cheaper one.
set -euo pipefail
sed 's/^        if bound - least\[i\] + price >= best\[0\]:/        if best[1]:/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
