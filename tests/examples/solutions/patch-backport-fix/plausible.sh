#!/bin/bash
# Follows the patch where it drops what a stream leaves undecoded: 1.6 gives it.
set -euo pipefail
sed 's/lines = self._cut(self._decoder.decode(b"", True))/lines = []/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
