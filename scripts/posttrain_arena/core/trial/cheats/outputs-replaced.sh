#!/bin/bash
# Every file that the oracle writes is there, with other content.
# Takes pairs: a path, and what printf %b writes there.
while [ $# -ge 2 ]; do
  mkdir -p "$(dirname "$1")"
  rm -rf "$1"
  printf '%b' "$2" >"$1"
  shift 2
done
