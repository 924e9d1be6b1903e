#!/bin/bash
# How many vowels a text has: a, e, i, o and u.
set -euo pipefail
tr -cd aeiou < "$1" | wc -c > out
