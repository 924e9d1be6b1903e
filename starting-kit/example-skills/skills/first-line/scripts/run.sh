#!/bin/bash
# The line that a text begins with.
set -euo pipefail
head -n 1 "$1" > out
