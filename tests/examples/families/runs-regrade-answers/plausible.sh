#!/bin/bash
# Calls a question contaminated from seven words in a row on.
set -euo pipefail
sed 's/start + 8\]/start + 7]/; s/len(words) - 7)/len(words) - 6)/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
