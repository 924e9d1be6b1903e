#!/bin/bash
# The whole text in capital letters; digits stay.
set -euo pipefail
tr '[:lower:]' '[:upper:]' < "$1" > out
