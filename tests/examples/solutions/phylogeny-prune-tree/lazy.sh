#!/bin/bash
# Hands the trees in as they came, without their comments, and drops nobody.
set -euo pipefail
mkdir -p /root/trees
for locus in nd2 cytb rag1 16s; do
  sed 's/\[[^]]*\]//g' "/srv/phylogeny/$locus.nwk" > "/root/trees/$locus.nwk"
done
echo locus,label,reason > /root/trees/dropped.csv
