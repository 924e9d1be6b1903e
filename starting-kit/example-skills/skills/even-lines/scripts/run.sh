#!/bin/bash
# The second line, the fourth, and so on.
set -euo pipefail
awk 'NR % 2 == 0' "$1" > out
