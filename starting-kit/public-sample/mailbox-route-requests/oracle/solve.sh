#!/bin/bash
set -euo pipefail

# The policy first, then what kinds of messages there are.
cat /srv/desk/policy.md
grep -aciE '^From ' /srv/desk/inbox.mbox
grep -aihE '^(content-type|content-disposition|auto-submitted|precedence|importance|x-priority):' /srv/desk/inbox.mbox |
  sed -E 's/boundary=.*//' | sort | uniq -c | sort -rn

cat > /root/route.py <<'PY'
import csv
import email
import email.policy
import re
from datetime import date, timedelta, timezone
from email.header import decode_header, make_header
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser

IDS = re.compile(r"<([^<>\s]+)>")
HIGH_DEPARTMENTS = {"Rector's office", "Examinations"}


class Text(HTMLParser):
    """Collects the text of HTML that counts."""

    def __init__(self):
        super().__init__()
        self.out, self.silent = [], 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in ("head", "style", "script", "blockquote")
        if tag in ("br", "p", "div", "li", "tr"):
            self.out.append("\n")

    def handle_endtag(self, tag):
        self.silent -= tag in ("head", "style", "script", "blockquote")
        if tag in ("p", "div", "li", "tr"):
            self.out.append("\n")

    def handle_data(self, data):
        if not self.silent:
            self.out.append(data)


def decoded(text):
    # compat32 headers keep encoded words; folding between two of them must not leave a blank.
    return str(make_header(decode_header(text or "")))


def parts_of(message):
    """Yield the parts of a message, but nothing from inside an attached one."""
    if message.get_content_maintype() == "multipart":
        for part in message.get_payload():
            yield from parts_of(part)
    else:
        yield message


def own_text(message):
    bodies = [p for p in parts_of(message) if p.get_content_disposition() != "attachment"]
    for kind in ("text/plain", "text/html"):
        part = next((p for p in bodies if p.get_content_type() == kind), None)
        if part:
            break
    else:
        return ""
    text = part.get_payload(decode=True).decode(part.get_content_charset("us-ascii"))
    if kind == "text/html":
        parser = Text()
        parser.feed(text)
        text = "".join(parser.out)
    lines = []
    for line in text.splitlines():
        quote = line.startswith("On ") and line.endswith("wrote:")
        if quote or line in ("--", "-- ", "-----Original Message-----"):
            break
        if not line.startswith(">"):
            lines.append(line)
    return "\n".join(lines)


class Message:
    def __init__(self, raw):
        mail = email.message_from_bytes(raw)
        self.id = IDS.search(mail["Message-ID"])[1]
        self.refers = IDS.findall(f"{mail['In-Reply-To']} {mail['References']}")
        self.sender = parseaddr(mail["From"])[1].lower()
        self.staff = self.sender.endswith("@desk.northgate.example")
        self.when = parsedate_to_datetime(mail["Date"]).astimezone(timezone.utc)
        self.subject = decoded(mail["Subject"])
        self.text = own_text(mail)
        self.automatic = mail.get("Auto-Submitted", "no").lower() != "no" or mail.get(
            "Precedence", ""
        ).lower() in ("bulk", "list", "junk")
        self.urgent = mail.get("Importance", "").lower() == "high" or mail.get("X-Priority", "")[:1] in ("1", "2")
        self.files = [
            decoded(p.get_filename()) for p in parts_of(mail) if p.get_content_disposition() == "attachment"
        ]
        self.closes = self.staff and "#solved" in self.text.lower().splitlines()
        words = self.text.split()
        self.thanks = len(words) <= 12 and says("thanks?", self.text)


def says(words, text):
    return re.search(rf"(?<!\w)(?:{words})(?!\w)", text, re.IGNORECASE) is not None


def has_isbn(text):
    for match in re.finditer(r"(?<!\w)97[89](?:[- ]?\d){10}(?!\w)", text):
        digits = [int(char) for char in match[0] if char.isdigit()]
        if (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0:
            return True
    return False


def queue_of(thread):
    customers = [message for message in thread if not message.staff]
    text = "\n".join([thread[0].subject, *(message.text for message in customers)])
    files = [name.lower() for message in customers for name in message.files]
    if any(name.endswith((".exe", ".js", ".scr", ".lnk")) for name in files) or says("phishing|malware|stolen", text):
        return "security"
    if says("card|badge|login|password", text):
        return "access"
    if says("interlibrary", text) or re.search(r"(?<!\w)10\.\d{4,9}/\S", text):
        return "loans"
    if says("invoice", text) or has_isbn(text):
        return "purchasing"
    if says("heating|lift", text) or re.search(r"(?<!\w)[A-F]\.\d{3}(?!\w)", text):
        return "rooms"
    return "general"


def opened_by(thread):
    """Return the message that opened the request last, or None when it is closed."""
    opener = thread[0]
    for message in thread:
        if message.closes:
            opener = None
        elif opener is None and not message.staff and not message.thanks:
            opener = message
    return opener


def working_day(start, count):
    while count:
        start += timedelta(days=1)
        count -= start.weekday() < 5 and start != date(2025, 3, 17)
    return start


raw = open("/srv/desk/inbox.mbox", "rb").read()
messages = {}
for chunk in re.split(rb"^From .*\n", raw, flags=re.MULTILINE)[1:]:
    message = Message(re.sub(rb"^>(>*From )", rb"\1", chunk, flags=re.MULTILINE))
    if not message.automatic:
        messages.setdefault(message.id, message)

# Threads: every identifier points at a representative of its group.
group = {}


def root(name):
    while group.setdefault(name, name) != name:
        name = group[name]
    return name


for message in messages.values():
    for name in message.refers:
        group[root(name)] = root(message.id)
threads = {}
for message in sorted(messages.values(), key=lambda m: m.when):
    threads.setdefault(root(message.id), []).append(message)

departments = {row["address"]: row["department"] for row in csv.DictReader(open("/srv/desk/directory.csv", encoding="utf-8"))}
rows = []
for thread in threads.values():
    opener = opened_by(thread)
    if thread[0].staff or not opener:
        continue
    requester, queue = thread[0].sender, queue_of(thread)
    since = 0
    for message in thread:
        since = 0 if message.staff else since + 1
    high = (
        queue == "security"
        or departments.get(requester) in HIGH_DEPARTMENTS
        or any(message.urgent for message in thread if not message.staff)
        or since >= 3
    )
    due = working_day(opener.when.date(), 1 if high else 3)
    rows.append([thread[0].id, requester, queue, "high" if high else "normal", due.isoformat()])

with open("/root/routing.csv", "w", newline="", encoding="utf-8") as file:
    table = csv.writer(file)
    table.writerow(["request", "requester", "queue", "priority", "due"])
    table.writerows(sorted(rows))
print(f"{len(messages)} messages, {len(threads)} threads, {len(rows)} open requests")
PY

python3 /root/route.py
column -s, -t /root/routing.csv 2>/dev/null || cat /root/routing.csv
