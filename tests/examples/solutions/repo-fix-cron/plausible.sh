#!/bin/bash
# Always asks for both days.
set -euo pipefail
sed 's/any(fits) if allowed.either_day else all(fits)/all(fits)/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
