#!/bin/bash
# All lines from the last to the first.
set -euo pipefail
tac "$1" > out
