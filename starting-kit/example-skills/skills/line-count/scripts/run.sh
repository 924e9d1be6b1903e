#!/bin/bash
# How many lines a text has. An empty line is a line too.
set -euo pipefail
wc -l < "$1" > out
