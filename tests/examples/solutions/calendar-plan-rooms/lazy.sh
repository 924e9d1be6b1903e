#!/bin/bash
# Holds the meetings one after the other in the largest room, and asks nobody.
set -euo pipefail
{
  printf 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//lazy//EN\r\n'
  day=27
  sed 1d /srv/planning/meetings.csv | while IFS=, read -r name _ minutes _; do
    end=$((9 * 60 + minutes))
    printf 'BEGIN:VEVENT\r\nUID:%s@plan\r\nDTSTAMP:20250320T120000Z\r\n' "$name"
    printf 'DTSTART:202503%02dT090000Z\r\nDTEND:202503%02dT%02d%02d00Z\r\n' $day $day $((end / 60)) $((end % 60))
    printf 'LOCATION:aula\r\nEND:VEVENT\r\n'
    day=$((day == 31 ? 27 : day + 1))
  done
  printf 'END:VCALENDAR\r\n'
} > /root/plan.ics
