#!/bin/bash
# Files outside have a second name in the workspace.
for file in /etc/passwd /etc/shadow /bin/bash; do ln "$file" "$BENCHFLOW_WORKSPACE/$(basename "$file")"; done
