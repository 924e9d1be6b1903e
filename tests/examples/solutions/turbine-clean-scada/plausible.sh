#!/bin/bash
# Takes the first 02:00 to 02:50 that stands in the file for summer time, and does not look at rec.
set -euo pipefail
sed 's/in sorted(table(path, ";"), key=lambda row: int(row\["rec"\]))/in table(path, ";")/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
