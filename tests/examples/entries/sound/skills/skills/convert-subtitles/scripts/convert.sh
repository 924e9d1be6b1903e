#!/bin/bash
# Write WebVTT from SRT.
set -euo pipefail

{
  printf 'WEBVTT\n\n'
  sed -E 's/([0-9]{2}),([0-9]{3})/\1.\2/g' "$1"
} > "$2"
