#!/bin/bash
# Each line of the text is a word and a number.
set -e
{% set commands = {
  "line count": "wc -l < FILE",
  "word count": "wc -w < FILE",
  "letter count": "tr -cd a-z < FILE | wc -c",
  "digit count": "tr -cd 0-9 < FILE | wc -c",
  "vowel count": "tr -cd aeiou < FILE | wc -c",
  "first line": "head -n 1 FILE",
  "last line": "tail -n 1 FILE",
  "longest line": "awk 'length($0) > most {most = length($0); line = $0} END {print line}' FILE",
  "shortest line": "awk 'NR == 1 || length($0) < least {least = length($0); line = $0} END {print line}' FILE",
  "middle line": "awk '{line[NR] = $0} END {print line[(NR + 1) / 2]}' FILE",
  "sorted lines": "LC_ALL=C sort FILE",
  "reverse order": "tac FILE",
  "unique lines": "awk '!seen[$0]++' FILE",
  "number total": "awk '{total += $2} END {print total}' FILE",
  "largest number": "awk '{print $2}' FILE | sort -n | tail -n 1",
  "smallest number": "awk '{print $2}' FILE | sort -n | head -n 1",
  "capital letters": "tr a-z A-Z < FILE",
  "initials": "awk '{printf substr($0, 1, 1)} END {print \"\"}' FILE",
  "even lines": "awk 'NR % 2 == 0' FILE",
  "odd lines": "awk 'NR % 2 == 1' FILE",
  "numbered lines": "awk '{print NR, $0}' FILE",
  "mirror image": "awk '{for (at = length($0); at; at--) printf substr($0, at, 1); print \"\"}' FILE",
  "dashed lines": "tr ' ' - < FILE",
  "check sum": "sha256sum < FILE | cut -c 1-64",
} %}
{{ commands[topic] | replace("FILE", file) }} > out
