#!/bin/bash
# The largest number of the second column. Sort by value: as text 9 comes after 10.
set -euo pipefail
awk '{print $2}' "$1" | sort -n | tail -n 1 > out
