#!/bin/bash
# Compares the parts of a pre-release as text.
set -euo pipefail
sed 's/(0, int(word), "") if word.isdigit() else (1, 0, word)/(1, 0, word)/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
