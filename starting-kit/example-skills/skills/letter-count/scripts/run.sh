#!/bin/bash
# How many small letters a text has. Digits and blanks do not count.
set -euo pipefail
tr -cd '[:lower:]' < "$1" | wc -c > out
