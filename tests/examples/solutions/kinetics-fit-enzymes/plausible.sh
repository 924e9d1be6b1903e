#!/bin/bash
# Takes the type that leaves the smallest squares, without a price for its constants.
set -euo pipefail
sed 's/score = n \* math.log(total \/ n).*/score = total/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
