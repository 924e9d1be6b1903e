#!/bin/bash
# Leaves each support at the node it was written behind, as is easily done when a tree is drawn from another root.
set -euo pipefail
sed -e 's/^        self\.labels = {}/        self.labels, self.marks = {}, {}/' \
  -e 's/^\( *\)self\.near\[node\]\[parent\[node\]\]\["support"\] = float(value)/\1self.marks[node] = float(value)/' \
  -e 's/^        support = branch\["support"\]/        support = self.marks.get(node)/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
