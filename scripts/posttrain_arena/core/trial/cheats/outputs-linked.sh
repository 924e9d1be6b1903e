#!/bin/bash
# Every file that the oracle writes is a link.
# Takes pairs: a path, and what the link points to.
while [ $# -ge 2 ]; do
  mkdir -p "$(dirname "$1")"
  rm -rf "$1"
  ln -s "$2" "$1"
  shift 2
done
