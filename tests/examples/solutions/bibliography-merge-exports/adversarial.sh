#!/bin/bash
# Hopes that a reader breaks: braces without end, macros that grow, code for whom it may concern.
set -euo pipefail
cd /root
{
  echo '@string{a = "x"}'
  for _ in {1..60}; do echo '@string{a = a # a}'; done
  echo '@misc{__import__("os")._exit(0), title = a, title = a}'
  printf '@misc{deep, title = '
  head -c 90000 /dev/zero | tr '\0' '{'
} > merged.bib
ln -s /srv/paper/paper.tex paper.tex
