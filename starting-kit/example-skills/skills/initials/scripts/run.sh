#!/bin/bash
# The first letter of each line, all on one line.
set -euo pipefail
awk '{printf substr($0, 1, 1)} END {print ""}' "$1" > out
