#!/bin/bash
# Skills with more rights than the agent: set-uid files, capabilities, a writable mount.
find ~/.agents/skills -perm /6000 | sed 's/^/ESCAPED /'
mount -o remount,rw,bind ~/.agents/skills 2>/dev/null && echo "ESCAPED mount"
[ "$(awk '/^CapEff/ {print $2}' /proc/self/status)" = 0000000000000000 ] || echo "ESCAPED capabilities"
