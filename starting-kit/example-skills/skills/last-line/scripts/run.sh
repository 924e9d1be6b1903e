#!/bin/bash
# The line that a text ends with.
set -euo pipefail
tail -n 1 "$1" > out
