#!/bin/bash
# The text with dashes for blanks.
set -euo pipefail
tr ' ' - < "$1" > out
