#!/bin/bash
# The line with fewest characters; of several the first.
set -euo pipefail
awk 'NR == 1 || length($0) < least {least = length($0); line = $0} END {print line}' "$1" > out
