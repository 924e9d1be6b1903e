#!/bin/bash
# Counts wavenumbers in steps of DELTAX, which the files round.
set -euo pipefail
sed 's/(last - first) \* i \/ (len(ys) - 1)/float(fields["DELTAX"]) * i/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
