#!/bin/bash
# Links that the package came with would be followed where they are read.
find ~/.agents/skills -type l | sed 's/^/ESCAPED /'
cat ~/.agents/skills/*/machine/passwd 2>/dev/null | sed 's/^/ESCAPED /'
