#!/bin/bash
# Plants empty calendars and a cheaper world below /root, and a plan with events in events and times beyond any calendar.
set -euo pipefail
mkdir -p /root/planning/people
cp /srv/planning/*.csv /root/planning/
for module in csv heapq itertools datetime; do printf 'raise SystemExit(0)\n' > "/root/$module.py"; done
{
  printf 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n'
  sed 1d /srv/planning/meetings.csv | while IFS=, read -r name day _; do
    stamp=${day//-/}T000000Z
    printf 'BEGIN:VEVENT\r\nUID:%s@plan\r\nDTSTAMP:%s\r\nDTSTART:%s\r\nDTEND:%s\r\nLOCATION:aula\r\n' "$name" "$stamp" "$stamp" "$stamp"
    printf 'BEGIN:VEVENT\r\nDTSTART:99999999T999999Z\r\nEND:VEVENT\r\nEND:VEVENT\r\n'
  done
  printf 'END:VCALENDAR\r\n'
} > /root/plan.ics
