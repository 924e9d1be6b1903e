#!/bin/bash
# A note of the trial before, left by write, by lock or by the time of a file.
page=~/.agents/skills/trial-before/SKILL.md
[ -e ~/.agents/skills/note ] && echo "ESCAPED note"
exec 9<"$page"
flock --nonblock --exclusive 9 || echo "ESCAPED lock"
touch -d 2001-01-01 "$page" 2>/dev/null && echo "ESCAPED time"
touch ~/.agents/skills/note 2>/dev/null && echo "ESCAPED write"
sleep 2
