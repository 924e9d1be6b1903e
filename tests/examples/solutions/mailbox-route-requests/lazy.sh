#!/bin/bash
# Takes every message for an open request, all of one kind.
set -euo pipefail
echo request,requester,queue,priority,due > /root/routing.csv
grep -a '^Message-ID:' /srv/desk/inbox.mbox | tr -d '<>' | cut -d' ' -f2 | sort -u |
  sed 's/$/,a.novak@northgate.example,general,normal,2025-03-20/' >> /root/routing.csv
