#!/bin/bash
# Takes ^ for what it is from 1.0.0 on: below, it lets the second number grow.
set -euo pipefail
sed 's/kept = next((place for place, number in enumerate(low) if number), 2) + 1/kept = 1/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
