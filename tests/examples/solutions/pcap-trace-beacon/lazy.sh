#!/bin/bash
# Reads names off the capture with a search for text, and guesses the rest.
set -euo pipefail
python3 - <<'PY'
import json
import re

raw = open("/srv/capture/uplink.pcap", "rb").read().lower()
names = {match[1].decode() for match in re.finditer(rb"([a-z0-9-]{1,20})\x0atile-cache\x07example", raw)}
report = {
    "host": "3c:52:82:4e:91:1f",
    "host_addresses": ["10.20.3.17"],
    "server_addresses": ["192.0.2.77", "203.0.113.80"],
    "domain": "tile-cache.example",
    "names": sorted(f"{name}.tile-cache.example" for name in names),
    "port": 443,
    "calls": 70,
    "period_sec": 82,
    "jitter_sec": 4,
    "bytes_sent": len(raw),
}
json.dump(report, open("/root/beacon.json", "w"))
PY
