#!/bin/bash
# Lets equal titles of one year overrule two different DOIs.
set -euo pipefail
sed 's/return one\["doi"\] == other\["doi"\]/if one["doi"] == other["doi"]: return True/' /oracle/solve.sh > /tmp/solve.sh
cmp -s /oracle/solve.sh /tmp/solve.sh && exit 1
bash /tmp/solve.sh
