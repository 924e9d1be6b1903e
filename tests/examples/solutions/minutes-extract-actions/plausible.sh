#!/bin/bash
# Takes an item for closed only where its status is the word alone.
set -euo pipefail
sed 's/\.startswith(("done", "dropped"))/ in ("done", "dropped")/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
