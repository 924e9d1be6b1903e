"""Migrate both databases by hand, compare with what the agent's script made of them, and print the reward.

    python3 score.py ctrf.json

The script runs in a process of its own (migrate.py) that is told no answer; the right rows are worked out here, in
Python, from the same dumps.
"""

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
HERE = Path(__file__).parent
TOOLSHED = Path("/srv/toolshed")
SHARES = {"given": 0.4, "unseen": 0.6}
TABLES = ("member", "kind", "tool", "tool_tag", "loan", "payment", "rejected")
CPU_SEC, MEMORY_BYTES, OUTPUT_BYTES = 10, 400 * 1024 * 1024, 4 * 1024 * 1024


class ScriptError(Exception):
    """A script or a database that earns nothing; the message says why."""


def text(value):
    """Return a text without the blanks around it, None where nothing is left."""
    return (value or "").strip(" ") or None


def read_day(value):
    """Return the date that a text means, as text, or None."""
    value = text(value) or ""
    try:
        if value.isdigit():
            seconds = datetime.fromtimestamp(int(value), UTC)
            return seconds.date().isoformat() if 9 <= len(value) <= 10 else None
        if value.count(".") == 2:
            day, month, year = parts = value.split(".")
            fits = all(part.isdigit() for part in parts) and len(day) < 3 > len(month) and len(year) == 4
            return date(int(year), int(month), int(day)).isoformat() if fits else None
        fits = value[4:5] == value[7:8] == "-" and value[10:11] in ("", "T", " ")
        return date.fromisoformat(value[:10]).isoformat() if fits else None
    except (ValueError, OverflowError):
        return None


def read_cents(value):
    """Return the cents that a text means, or None."""
    plain = (value or "").replace(" ", "").replace("€", "").replace("EUR", "")
    groups = plain.replace(",", ".").split(".")
    if not all(group.isdigit() for group in groups):
        return None
    part = groups.pop() if len(groups) > 1 and len(groups[-1]) < 3 else ""
    return int("".join(groups) + part.ljust(2, "0"))


def read_phone(value):
    """Return a phone number, or None."""
    kept = "".join(sign for sign in value or "" if sign in "+0123456789")
    return ("+" + kept[2:] if kept.startswith("00") else kept) or None


class Branch:
    """One old database, and what release 2 makes of it."""

    def __init__(self, dump):
        db = sqlite3.connect(":memory:")
        db.executescript(dump)
        db.row_factory = sqlite3.Row
        self.old = {
            name: db.execute(f"SELECT * FROM {name} ORDER BY id").fetchall()
            for name in ("people", "tools", "lendings", "payments")
        }
        self.rows = {table: [] for table in TABLES}
        self.member_of, self.codes, self.taken_on = {}, set(), {}
        for step in (self.people, self.tools, self.lendings, self.payments):
            step()

    def reject(self, source, row, reason):
        """Note a row that cannot be moved."""
        self.rows["rejected"].append((source, row["id"], reason))

    def people(self):
        """Make the members."""
        same = defaultdict(list)
        for row in self.old["people"]:
            email = (text(row["mail"]) or "").lower()
            before, _, behind = email.partition("@")
            if before and behind and "@" not in behind and " " not in email:
                same[email].append(row)
            else:
                self.reject("people", row, "email")
        for email, rows in same.items():
            self.member_of |= {row["id"]: rows[0]["id"] for row in rows}
            name = next((text(row["name"]) for row in rows if text(row["name"])), email.partition("@")[0])
            phone = next((read_phone(row["phone"]) for row in rows if read_phone(row["phone"])), None)
            days = [day for row in rows if (day := read_day(row["since"]))]
            self.rows["member"].append((rows[0]["id"], name, email, phone, min(days, default=None)))

    def tools(self):
        """Make tools, their kinds and their tags; later rows come first, so that the first of a code is moved."""
        moved = {}
        for row in reversed(self.old["tools"]):
            code = (text(row["code"]) or "").upper()
            if not code or not text(row["title"]):
                self.reject("tools", row, "title" if code else "code")
            elif code in moved:
                self.reject("tools", row, "duplicate")
            else:
                moved[code] = row
        kind_of = {code: (text(row["kind"]) or "other").lower() for code, row in moved.items()}
        kinds = {name: number for number, name in enumerate(sorted(set(kind_of.values())), start=1)}
        self.codes = set(moved)
        self.rows["kind"] = [(number, name) for name, number in kinds.items()]
        for code, row in moved.items():
            self.rows["tool"].append((code, text(row["title"]), kinds[kind_of[code]], read_cents(row["value"])))
            tags = {text(tag) for tag in (row["tags"] or "").lower().replace(";", ",").split(",")} - {None}
            self.rows["tool_tag"] += [(code, tag) for tag in tags]

    def lendings(self):
        """Make the loans; the last loan of each tool comes first, and the one before it ends with it at the latest."""
        loans = []
        for row in self.old["lendings"]:
            member, code = self.member_of.get(row["person"]), (text(row["tool"]) or "").upper()
            taken, due, back = (read_day(row[name]) for name in ("taken", "due", "back"))
            checks = {
                "person": member is None,
                "tool": code not in self.codes,
                "taken": taken is None,
                "back": text(row["back"]) and (not back or (taken and back < taken)),
            }
            reason = next((name for name, wrong in checks.items() if wrong), None)
            if reason:
                self.reject("lendings", row, reason)
                continue
            if not due or due < taken:
                due = (date.fromisoformat(taken) + timedelta(days=28)).isoformat()
            loans.append((taken, row["id"], member, code, due, back))
        next_taken = {}
        for taken, number, member, code, due, back in sorted(loans, key=lambda loan: loan[:2], reverse=True):
            self.rows["loan"].append((number, member, code, taken, due, back or next_taken.get(code)))
            self.taken_on[number] = next_taken[code] = taken

    def payments(self):
        """Make the payments."""
        for row in self.old["payments"]:
            amount = row["amount"]
            cents = 0
            if isinstance(amount, (int, float)):
                cents = int((Decimal(str(amount)) * 100).quantize(Decimal(1), ROUND_HALF_EVEN))
            if row["lending"] not in self.taken_on:
                self.reject("payments", row, "lending")
            elif cents == 0:
                self.reject("payments", row, "amount")
            else:
                paid_on = read_day(row["day"]) or self.taken_on[row["lending"]]
                self.rows["payment"].append((row["id"], row["lending"], cents, paid_on))


def read_script():
    """Return the text of the agent's script."""
    path = WORKSPACE / "migrate.sql"
    if path.is_symlink() or not path.is_file() or path.stat().st_size > 200_000:
        raise ScriptError(f"{path} is no file of at most 200 kB")
    return path.read_bytes().decode("utf-8", errors="replace").replace("\0", "")


def confine():
    """Limit the process that is about to start."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SEC, CPU_SEC))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run_script(dump, script):
    """Return table → rows that the agent's script made of a dump."""
    target = (TOOLSHED / "target.sql").read_text(encoding="utf-8")
    try:
        with tempfile.TemporaryFile() as written:
            done = subprocess.run(
                [sys.executable, "-I", "-B", str(HERE / "migrate.py")],
                input=json.dumps({"old": dump, "script": script, "target": target}).encode(),
                stdout=written,
                stderr=subprocess.DEVNULL,
                timeout=3 * CPU_SEC,
                preexec_fn=confine,
                check=False,
            )
            written.seek(0)
            answer = json.loads(written.read(OUTPUT_BYTES)) if done.returncode == 0 else {}
    except subprocess.TimeoutExpired:
        raise ScriptError("the script took too long") from None
    if done.returncode != 0:
        raise ScriptError(f"the script used up its time or memory (status {done.returncode})")
    if "refused" in answer:
        raise ScriptError(f"SQLite refuses the script: {answer['refused']}")
    if not answer["right_schema"]:
        raise ScriptError("what the script leaves is not the schema of target.sql, or not that alone")
    if answer["broken_keys"]:
        raise ScriptError("rows point to rows that are not there")
    return answer["rows"]


def ordered(rows):
    """Return rows in an order that does not depend on theirs."""
    return sorted((list(row) for row in rows), key=json.dumps)


def judge(dump):
    """Return for each table whether its rows are right, and a message."""
    try:
        found = run_script(dump, read_script())
    except ScriptError as refused:
        return {table: (False, str(refused)) for table in TABLES}
    verdicts = {}
    for table, rows in Branch(dump).rows.items():
        expected, written = ordered(rows), ordered(found[table])
        odd = [row for row in written if row not in expected] + [row for row in expected if row not in written]
        verdicts[table] = expected == written, f"{len(odd)} rows are wrong or missing, as {odd[:1]}"
    return verdicts


def main():
    given = sqlite3.connect(f"file:{TOOLSHED / 'toolshed.db'}?mode=ro", uri=True)
    dumps = {"given": "\n".join(given.iterdump()), "unseen": (HERE / "data" / "unseen.sql").read_text(encoding="utf-8")}
    start, reward, tests = int(time.time() * 1000), 0.0, []
    for name, dump in dumps.items():
        verdicts = judge(dump)
        reward += SHARES[name] * sum(right for right, _ in verdicts.values()) / len(TABLES)
        for table, (right, message) in verdicts.items():
            status = "passed" if right else "failed"
            tests.append({"name": f"{name}::{table}", "status": status, "duration": 0, "message": message})
    passed = sum(test["status"] == "passed" for test in tests)
    summary = {"tests": len(tests), "passed": passed, "failed": len(tests) - passed}
    summary |= {"pending": 0, "skipped": 0, "other": 0, "start": start, "stop": int(time.time() * 1000)}
    results = {"results": {"tool": {"name": "score.py"}, "summary": summary, "tests": tests}}
    Path(sys.argv[1]).write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(round(reward, 4))


if __name__ == "__main__":
    main()
