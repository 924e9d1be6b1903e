"""Say whether the bursts that the agent reports are those of the log.

    python3 score.py ctrf.json

Reads the pristine log and works in whole milliseconds.
"""

import csv
import json
import os
import re
import sys
from calendar import timegm
from pathlib import Path
from time import gmtime, strftime, strptime

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
LOG = Path("{{ log }}")


class Refused(Exception):
    """A file of the agent that earns nothing; the message says why."""


def millis(stamp, form, offset="+0000"):
    """Return a local time with its offset as milliseconds since 1970."""
    shift = (int(offset[1:3]) * 60 + int(offset[-2:])) * (-1 if offset[0] == "-" else 1)
    return (timegm(strptime(stamp, form)) - 60 * shift) * 1000


def parse(line):
    """Return a line as a dict."""
    {% if format == "combined" %}
    stamp, request, rest = re.fullmatch(r'[^[]*\[([^]]*)\] "([^"]*)" (.*)', line).groups()
    status, size, _, _, number = rest.split(" ")
    address, _, account = line.split(" ")[:3]
    method, path, _ = request.split(" ")
    at = millis(stamp[:20], "%d/%b/%Y:%H:%M:%S", stamp[21:])
    {% elif format == "jsonl" %}
    fields = json.loads(line)
    at, number, address, account = (fields[key] for key in ("ts", "req", "ip", "user"))
    method, path, status = (fields["http"][key] for key in ("verb", "target", "code"))
    size = fields["out"]
    {% elif format == "logfmt" %}
    fields = {key: plain or quoted for key, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|(\S*))', line)}
    at = millis(fields["at"], "%Y-%m-%dT%H:%M:%SZ")
    number, address, account, status, size = (fields[key] for key in ("id", "src", "user", "status", "bytes"))
    method, _, path = fields["req"].partition(" ")
    {% else %}
    stamp, offset, number, status, method, path, address, account, size = line.split("|")
    at = millis(stamp[:19], "%Y-%m-%d %H:%M:%S", offset) + int(stamp[20:])
    {% endif %}
    keys = ("at", "number", "status", "method", "path", "address", "account", "size")
    return dict(zip(keys, (at, number, status, method, path, address, account, int(size))))


def requests():
    """Return the requests that the rules leave, and how many lines were torn."""
    lines = [parse(line) for line in LOG.read_text(encoding="utf-8").splitlines()]
    {% if noise == "repeats" %}
    first = {}
    for line in lines:
        first.setdefault(line["number"], line)
    return list(first.values()), 0
    {% elif noise == "torn" %}
    whole = [line for line in lines if line["status"].isdigit()]
    return whole, len(lines) - len(whole)
    {% elif noise == "skewed" %}
    for line in lines:
        line["at"] -= {{ skew * 1000 }} * line["number"].startswith("b")
    order = sorted((line["at"], place) for place, line in enumerate(lines))
    return [lines[place] for _, place in order], 0
    {% else %}
    return [line for line in lines if not line["address"].startswith("{{ trusted.rpartition('.')[0] }}.")], 0
    {% endif %}


def name_of(line):
    """Return what a request is counted for, None for nothing."""
    {% if who == "address" %}
    return line["address"]
    {% elif who == "network" %}
    return re.sub(r"\d+$", "0/24", line["address"])
    {% elif who == "account" %}
    return None if line["account"] == "-" else line["account"]
    {% else %}
    return re.match(r"/([^/?]*)", line["path"])[1] or "root"
    {% endif %}


def is_event(line):
    """Say whether a request is an event."""
    {% if event == "denied" %}
    return line["status"] == "401" or line["status"] == "403"
    {% elif event == "failed" %}
    return line["status"][0] == "5"
    {% elif event == "large" %}
    return line["size"] >= {{ large + 1 }}
    {% else %}
    return line["method"] in ("POST", "PUT", "PATCH", "DELETE")
    {% endif %}


def expected():
    """Return name → (peak, time of its first event, number of events), and the count of torn lines."""
    lines, torn = requests()
    found = {}
    for name in {name_of(line) for line in lines} - {None}:
        mine = [line for line in lines if name_of(line) == name]
        marks = [line["at"] if is_event(line) else None for line in mine]
        times = [mark for mark in marks if mark is not None]
        if not times:
            continue
        {% if window == "sliding" %}
        sizes = [(sum(at <= other <= at + {{ seconds * 1000 }} for other in times[i:]), at) for i, at in enumerate(times)]
        {% elif window == "clock" %}
        slots = [at % 86400000 // {{ minutes * 60000 }} for at in times]
        sizes = [(slots.count(slot), times[slots.index(slot)]) for slot in slots]
        {% elif window == "session" %}
        sizes, size = [], 0
        for before, at in zip([times[0], *times], times):
            size, begin = (size + 1, begin) if size and at - before <= {{ gap * 1000 }} else (1, at)
            sizes.append((size, begin))
        {% else %}
        sizes, size = [], 0
        for mark in marks:
            begin = mark if size == 0 else begin
            size = 0 if mark is None else size + 1
            sizes.append((size, begin))
        {% endif %}
        peak = max(size for size, _ in sizes)
        found[name] = (peak, min(at for size, at in sizes if size == peak), len(times))
    return found, torn


def read_output(name):
    """Return the text of a file that the agent wrote."""
    path = WORKSPACE / name
    if path.is_symlink() or not path.is_file():
        raise Refused(f"{name} is missing")
    if path.stat().st_size > 100_000:
        raise Refused(f"{name} is far too long")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{name} is no text") from None


def compare(found):
    """Raise Refused where the report of the agent is another one."""
    {% if output == "table" %}
    rows = list(csv.reader(read_output("bursts.csv").splitlines()))
    wanted = [["name", "peak", "first"]]
    for name, (peak, first, _) in sorted(found.items()):
        wanted.append([name, str(peak), strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(first // 1000))])
    {% elif output == "watchlist" %}
    rows = read_output("watchlist.txt").splitlines()
    peaks = sorted((peak for peak, _, _ in found.values()), reverse=True)
    wanted = [name for name, told in sorted(found.items(), key=lambda item: (-item[1][0], item[0]))]
    wanted = [f"{name} {found[name][0]}" for name in wanted if found[name][0] >= peaks[:{{ top }}][-1]]
    {% else %}
    try:
        rows = json.loads(read_output("bursts.json"))
    except (ValueError, RecursionError):
        raise Refused("bursts.json is no JSON") from None
    wanted = {name: {"peak": peak, "events": events} for name, (peak, _, events) in found.items()}
    {% endif %}
    if rows != wanted:
        raise Refused("the bursts are not those of the log")


def judge():
    """Return what is wrong, "" where nothing is."""
    found, torn = expected()
    try:
        compare(found)
        {% if noise == "torn" %}
        if read_output("torn.txt").strip() != str(torn):
            raise Refused("torn.txt has another number")
        {% endif %}
    except Refused as refused:
        return str(refused)
    return ""


def main():
    wrong = judge()
    none = dict.fromkeys(("pending", "skipped", "other", "start", "stop"), 0)
    status = "failed" if wrong else "passed"
    test = {"name": "bursts", "status": status, "duration": 0, "message": wrong or "as in the log"}
    summary = {"tests": 1, "passed": int(not wrong), "failed": int(bool(wrong)), **none}
    results = {"tool": {"name": "score.py"}, "summary": summary, "tests": [test]}
    Path(sys.argv[1]).write_text(json.dumps({"results": results}) + "\n", encoding="utf-8")
    print(0.0 if wrong else 1.0)


if __name__ == "__main__":
    main()
