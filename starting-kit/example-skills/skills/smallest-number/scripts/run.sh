#!/bin/bash
# The smallest number of the second column. Sort by value: as text 10 comes before 9.
set -euo pipefail
awk '{print $2}' "$1" | sort -n | head -n 1 > out
