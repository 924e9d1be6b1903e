#!/bin/bash
# Strips the tags of each document, and takes what looks like the open rows of the last one.
set -euo pipefail
cd /tmp
python3 -c 'import zipfile; zipfile.ZipFile("/srv/minutes/Minutes-2025-03-25-DRAFT.docx").extract("word/document.xml")'
{
  echo number,action,owner,due
  sed 's/<w:tr>/\n/g' word/document.xml | sed -e 's/<\/w:tc>/,/g' -e 's/<[^>]*>//g' | grep '^A[0-9]' | cut -d, -f1-4
} > /root/open-actions.csv
cat /root/open-actions.csv
