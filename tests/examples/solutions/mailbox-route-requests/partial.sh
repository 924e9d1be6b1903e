#!/bin/bash
# Finds the open requests, and sends all of them to the general queue with normal priority.
set -euo pipefail
sed -e 's/requester, queue = thread\[0\]\.sender, queue_of(thread)/requester, queue = thread[0].sender, "general"/' \
  -e 's/        or any(message\.urgent .*/        or False/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
