"""Print the reward of a trial; write one check per open request into a CTRF file.

    python3 grade.py ctrf.json

The truth is worked out from the mailbox in the pristine image. HTML is read by patterns here, threads are grown from
their first message, and whether a request is open is asked from its last message backwards.
"""

import csv
import email
import html
import json
import os
import re
import sys
from datetime import date, timedelta, timezone
from email.policy import default
from fractions import Fraction
from pathlib import Path

DESK = Path("/srv/desk")
ANSWER = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "routing.csv"
HEADER = ["request", "requester", "queue", "priority", "due"]
WORTH = {"queue": Fraction(4, 8), "due": Fraction(2, 8), "priority": Fraction(1, 8), "requester": Fraction(1, 8)}
HOLIDAY = date(2025, 3, 17)
BLOCKS = r"</?(?:p|div|li|tr)\b[^>]*>|<br\b[^>]*>"
PROGRAMS = (".exe", ".js", ".scr", ".lnk")
WORDS = {
    "security": {"phishing", "malware", "stolen"},
    "access": {"card", "badge", "login", "password"},
    "loans": {"interlibrary"},
    "purchasing": {"invoice"},
    "rooms": {"heating", "lift"},
}


def raw_messages():
    """Yield the bytes of every message, without the quoting of From lines."""
    message = None
    for line in (DESK / "inbox.mbox").read_bytes().split(b"\n"):
        if line.startswith(b"From "):
            if message is not None:
                yield b"\n".join(message)
            message = []
        else:
            quoted = line.startswith(b">") and line.lstrip(b">").startswith(b"From ")
            message.append(line[1:] if quoted else line)
    yield b"\n".join(message)


def leaves(mail):
    """Return the parts of a message; one that is a message itself is a leaf."""
    if not mail.is_multipart() or mail.get_content_type() == "message/rfc822":
        return [mail]
    return [leaf for part in mail.iter_parts() for leaf in leaves(part)]


def text_of(mail):
    """Return the own text of a message, as a list of lines."""
    shown = {leaf.get_content_type(): leaf for leaf in reversed(leaves(mail)) if not leaf.is_attachment()}
    if "text/plain" in shown:
        text = shown["text/plain"].get_content()
    else:
        text = shown["text/html"].get_content()
        text = re.sub(r"<(head|style|script|blockquote)\b.*?</\1>", "", text, flags=re.DOTALL | re.IGNORECASE)
        text = re.sub(BLOCKS, "\n", text, flags=re.IGNORECASE)
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    end = re.search(r"^(?:-- ?|On .*wrote:|-----Original Message-----)$", text, re.MULTILINE)
    lines = text[: end.start() if end else None].split("\n")
    return [line for line in lines if not line.startswith(">")]


class Mail:
    """What the policy asks about a message."""

    def __init__(self, data):
        mail = email.message_from_bytes(data, policy=default)
        self.id = mail["message-id"].strip("<> ")
        self.ids = {self.id, *re.findall(r"<(.*?)>", f"{mail.get('in-reply-to', '')} {mail.get('references', '')}")}
        address = mail["from"].addresses[0]
        self.sender = address.addr_spec.lower()
        self.is_staff = address.domain.lower() == "desk.northgate.example"
        self.time = mail["date"].datetime.astimezone(timezone.utc)
        self.subject = str(mail["subject"])
        self.lines = text_of(mail)
        self.names = [leaf.get_filename() or "" for leaf in leaves(mail) if leaf.is_attachment()]
        self.is_automatic = str(mail.get("auto-submitted", "no")).strip().lower() != "no"
        self.is_automatic |= str(mail.get("precedence", "")).strip().lower() in {"bulk", "list", "junk"}
        self.is_pressing = str(mail.get("importance", "")).strip().lower() == "high"
        self.is_pressing |= bool(re.match(r"\s*[12]\b", str(mail.get("x-priority", ""))))

    def closes(self):
        return self.is_staff and any(line.lower() == "#solved" for line in self.lines)

    def opens(self):
        text = " ".join(self.lines)
        return not self.is_staff and not (len(text.split()) <= 12 and alone(text) & {"thank", "thanks"})


def alone(text):
    """Return the words of a text in lower case."""
    return set(re.findall(r"\w+", text.lower()))


def names_a_book(text):
    """Return whether an ISBN stands in a text: try every digit as its first."""
    for start in (match.start() for match in re.finditer(r"\b97[89]", text)):
        digits, place = [], start
        while len(digits) < 13 and place < len(text) and text[place] in "0123456789":
            digits.append(int(text[place]))
            place += 2 if text[place + 1 : place + 2] in ("-", " ") and len(digits) < 13 else 1
        ends = not re.match(r"\w", text[place:])
        if len(digits) == 13 and ends and sum(d * (1, 3)[i % 2] for i, d in enumerate(digits)) % 10 == 0:
            return True
    return False


def queue_of(thread):
    """Return the queue that a thread belongs to."""
    heard = [mail for mail in thread if not mail.is_staff]
    text = "\n".join([thread[0].subject, *(line for mail in heard for line in mail.lines)])
    fits = {queue for queue, words in WORDS.items() if words & alone(text)}
    if any(name.lower().endswith(PROGRAMS) for mail in heard for name in mail.names):
        fits.add("security")
    if re.search(r"\b10\.[0-9]{4,9}/\S", text):
        fits.add("loans")
    if names_a_book(text):
        fits.add("purchasing")
    if re.search(r"\b[A-F]\.[0-9]{3}\b", text):
        fits.add("rooms")
    return next((queue for queue in WORDS if queue in fits), "general")


def opener(thread):
    """Return the message since which a request is open, or None."""
    after = []
    for mail in reversed(thread):
        if mail.closes():
            return next((later for later in reversed(after) if later.opens()), None)
        after.append(mail)
    return thread[0]


def is_high(thread, queue, departments):
    """Return whether a request has priority."""
    last_staff = max((place for place, mail in enumerate(thread) if mail.is_staff), default=-1)
    return (
        queue == "security"
        or departments.get(thread[0].sender) in {"Rector's office", "Examinations"}
        or any(mail.is_pressing and not mail.is_staff for mail in thread)
        or len(thread) - 1 - last_staff >= 3
    )


def after_working_days(day, count):
    """Return the working day that comes ``count`` working days after a day."""
    ahead = (day + timedelta(days=n) for n in range(1, 30))
    return [later for later in ahead if later.isoweekday() <= 5 and later != HOLIDAY][count - 1]


def threads():
    """Yield the threads, each as its messages by date."""
    mails = {}
    for mail in map(Mail, raw_messages()):
        if not mail.is_automatic and mail.id not in mails:
            mails[mail.id] = mail
    left = sorted(mails.values(), key=lambda mail: mail.time)
    while left:
        known, size = set(left[0].ids), 0
        while size != len(known):
            size = len(known)
            known = known.union(*(mail.ids for mail in left if mail.ids & known))
        yield [mail for mail in left if mail.ids & known]
        left = [mail for mail in left if not mail.ids & known]


def expected():
    """Return request → its row as a dict."""
    with (DESK / "directory.csv").open(encoding="utf-8", newline="") as file:
        departments = {row["address"]: row["department"] for row in csv.DictReader(file)}
    found = {}
    for thread in threads():
        since = None if thread[0].is_staff else opener(thread)
        if since is not None:
            queue = queue_of(thread)
            high = is_high(thread, queue, departments)
            due = after_working_days(since.time.date(), 1 if high else 3)
            row = thread[0].id, thread[0].sender, queue, "high" if high else "normal", due.isoformat()
            found[thread[0].id] = dict(zip(HEADER, row, strict=True))
    return found


def written():
    """Return request → row of what the agent wrote; nothing, and why, where it cannot count."""
    if ANSWER.is_symlink() or not ANSWER.is_file() or ANSWER.stat().st_size > 100_000:
        return {}, "routing.csv is no file of at most 100 kB"
    text = ANSWER.read_bytes().decode("utf-8-sig", errors="replace")
    try:
        rows = [[value.strip() for value in row] for row in csv.reader(text.splitlines(), strict=True) if row]
    except csv.Error as error:
        return {}, f"routing.csv is not CSV: {error}"
    if not rows or rows[0] != HEADER:
        return {}, f"the header is not {','.join(HEADER)}"
    found = {row[0]: dict(zip(HEADER, row, strict=False)) for row in rows[1:]}
    if len(found) < len(rows) - 1:
        return {}, "a request is named twice"
    return found, ""


def main():
    truth, (answer, reason) = expected(), written()
    earned, tests = Fraction(0), []
    for request, row in truth.items():
        given = answer.get(request, {})
        right = [field for field in WORTH if given.get(field) == row[field]]
        earned += sum(WORTH[field] for field in right)
        wrong = [field for field in WORTH if field not in right]
        message = reason or ("not listed" if not given else f"wrong: {', '.join(wrong)}" if wrong else "right")
        tests.append({"name": request, "status": "failed" if wrong else "passed", "duration": 0, "message": message})
    others = len(answer.keys() - truth.keys())
    status = "failed" if reason or others else "passed"
    tests.append({"name": "nothing else", "status": status, "duration": 0, "message": reason or f"{others} others"})
    passed = sum(test["status"] == "passed" for test in tests)
    summary = {"tests": len(tests), "passed": passed, "failed": len(tests) - passed}
    summary |= dict.fromkeys(("pending", "skipped", "other", "start", "stop"), 0)
    results = {"tool": {"name": "grade.py"}, "summary": summary, "tests": tests}
    Path(sys.argv[1]).write_text(json.dumps({"results": results}, indent=2) + "\n", encoding="utf-8")
    print(round(float(max(Fraction(0), earned - others) / len(truth)), 4))


if __name__ == "__main__":
    main()
