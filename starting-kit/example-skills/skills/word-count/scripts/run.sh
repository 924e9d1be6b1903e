#!/bin/bash
# How many words a text has, between blanks and line ends.
set -euo pipefail
wc -w < "$1" > out
