#!/bin/bash
# The line with most characters; of several the first.
set -euo pipefail
awk 'length($0) > most {most = length($0); line = $0} END {print line}' "$1" > out
