#!/bin/bash
# Each line behind its number, from 1, with one blank between.
set -euo pipefail
awk '{print NR, $0}' "$1" > out
