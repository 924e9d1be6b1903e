#!/bin/bash
# The sum of the numbers in the second column.
set -euo pipefail
awk '{total += $2} END {print total}' "$1" > out
