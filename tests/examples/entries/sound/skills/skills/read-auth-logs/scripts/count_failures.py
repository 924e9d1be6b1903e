#!/usr/bin/env python3
"""Print how often logins from each address failed."""

import collections
import re
import sys

FAILED = re.compile(r"Failed password for .* from (\S+) port")

with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
    counts = collections.Counter(match[1] for line in log if (match := FAILED.search(line)))
for address, count in counts.most_common():
    sys.stdout.write(f"{count} {address}\n")
