#!/bin/bash
# Puts the three files behind one another.
set -euo pipefail
cat /srv/library/group.bib /srv/library/publisher.bib /srv/library/preprints.bib > /root/merged.bib
cp /srv/paper/paper.tex /root/paper.tex
