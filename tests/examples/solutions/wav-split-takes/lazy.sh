#!/bin/bash
# Takes every file for one take that begins at 0 and is as long as its size suggests.
set -euo pipefail
{
  printf 'TITLE: SELECTS\nFCM: NON-DROP FRAME\n\n'
  number=0
  for file in /srv/takes/*.wav; do
    number=$((number + 1))
    name=$(basename "$file" .wav)
    seconds=$(($(stat -c %s "$file") / 16000))
    printf '%03d  %s  A  C  00:00:00:00 00:00:%02d:00 01:00:00:00 01:00:%02d:00\n' "$number" "${name^^}" "$seconds" "$seconds"
    printf '* FROM CLIP NAME: %s.wav\n* PEAK: 0.0 DBFS\n' "$name"
  done
} > /root/selects.edl
