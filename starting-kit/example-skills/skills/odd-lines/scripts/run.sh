#!/bin/bash
# The first line, the third, and so on.
set -euo pipefail
awk 'NR % 2 == 1' "$1" > out
