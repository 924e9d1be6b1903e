#!/bin/bash
# All lines in the order of their bytes: the language of the machine makes no difference.
set -euo pipefail
LC_ALL=C sort "$1" > out
