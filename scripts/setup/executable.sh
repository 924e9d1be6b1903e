#!/usr/bin/env bash
# executable.sh FOLDER LIST: give files below a folder back the bits that they lost on their way. The list, where there is
# one, has their names, each ended by a NUL byte.
set -euo pipefail
[ -f "$2" ] || exit 0
list=$(realpath "$2")
cd "$1"
xargs -0 -r chmod a+x -- <"$list"
