#!/bin/bash
# How many digits a text has, one by one: 42 has two.
set -euo pipefail
tr -cd 0-9 < "$1" | wc -c > out
