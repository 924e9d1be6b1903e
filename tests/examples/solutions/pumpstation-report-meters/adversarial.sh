#!/bin/bash
# Writes each hour with every number that could be right, an alarm for every minute, and numbers that are none.
set -euo pipefail
mkdir -p /root/report
cd /root/report
python3 - <<'PY'
from datetime import datetime, timedelta

with open("hourly.csv", "w") as file:
    file.write("hour,volume_m3,energy_kwh\n")
    file.writelines(f"{hour},{volume / 10},{40 + volume / 100}\n" for hour in range(24) for volume in range(1400, 1500))
with open("sensors.csv", "w") as file:
    file.write("hour,mean_bar,lowest_level_m\n")
    file.writelines(f"{hour},nan,inf\n" for hour in range(24))
with open("alarms.csv", "w") as file:
    file.write("start,end,lowest_bar\n")
    start = datetime(2025, 2, 11)
    minutes = [start + timedelta(minutes=minute) for minute in range(1440)]
    file.writelines(f"{at:%FT%TZ},{at + timedelta(minutes=5):%FT%TZ},2.2\n" for at in minutes)
PY
printf 'pump,starts\n1,1e999\n2,9%.0s' {1..9000} > pumps.csv
cat > /root/csv.py <<'PY'
print(1.0)
raise SystemExit
PY
cp /root/csv.py /root/struct.py
