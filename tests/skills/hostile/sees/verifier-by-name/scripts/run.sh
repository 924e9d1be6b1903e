#!/bin/bash
# Anything that looks like a part of a package, anywhere.
find / -xdev \( -name test.sh -o -name solve.sh -o -name 'expected*' -o -name task.md -o -name suite.json \) 2>/dev/null |
  grep -v "^/root/.agents/\|^/proc" | sed 's/^/ESCAPED /'
