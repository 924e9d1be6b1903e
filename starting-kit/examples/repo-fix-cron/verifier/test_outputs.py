"""Call the mended library in a confined process, and compare with times that are found one day after another."""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "cronline" / "cronline"
CONFINED = Path(__file__).with_name("confined.py")
CPU_SEC, WALL_SEC = 20, 60
MEMORY_BYTES = 300 * 1024 * 1024
OUTPUT_BYTES = 1024 * 1024

BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
NAMES = {3: ["", *"jan feb mar apr may jun jul aug sep oct nov dec".split()], 4: "sun mon tue wed thu fri sat".split()}
CYCLE_DAYS = 146_097
"""400 years: then the calendar begins again."""


def at(text):
    """Return a time from its text."""
    return datetime.fromisoformat(text)


TIMES = {
    "names and numbers": [
        ("30 6 * jan *", "2025-03-07T12:00"),
        ("0 0 1 DEC *", "2025-03-07T12:00"),
        ("0 0 1 feb-Apr,oct *", "2025-04-07T12:00"),
        ("5 4 * * SuN", "2025-03-07T12:00"),
        ("5 4 * * mon-Fri", "2025-03-07T12:00"),
        ("007 04 * 012 *", "2025-03-07T12:00"),
        ("0 0 * 2 *", "2025-03-07T12:00"),
    ],
    "ranges and steps": [
        ("59 23 31 12 *", "2025-03-07T12:00"),
        ("* * * * *", "2025-03-07T23:59"),
        ("*/15 * * * *", "2025-03-07T12:46"),
        ("*/7 * * * *", "2025-03-07T12:57"),
        ("5/20 * * * *", "2025-03-07T12:26"),
        ("5/20 * * * *", "2025-03-07T12:46"),
        ("10-30/7 * * * *", "2025-03-07T12:25"),
        ("10-30/7 * * * *", "2025-03-07T12:31"),
        ("0 22/1 * * *", "2025-03-07T23:00"),
        ("0 9-17 * * *", "2025-03-07T16:30"),
        ("0 9-17 * * *", "2025-03-07T17:30"),
        ("1,3,5-9/2,50 * * * *", "2025-03-07T12:08"),
        ("0 0 */10 * *", "2025-03-07T12:00"),
        ("0 0 * */5 *", "2025-07-07T12:00"),
        ("0 0 5/10 * *", "2025-03-26T12:00"),
        ("0 0 1 11/1 *", "2025-12-26T12:00"),
        ("3-3 * * * *", "2025-03-07T12:08"),
        ("*/100 * * * *", "2025-03-07T12:08"),
        ("*/00010 * * * *", "2025-03-07T12:08"),
        ("30/999999999999 5 * * *", "2025-03-07T12:08"),
    ],
    "days of the week": [
        ("0 12 * * 0", "2025-03-05T00:00"),
        ("0 12 * * 7", "2025-03-05T00:00"),
        ("0 12 * * 1", "2025-03-05T00:00"),
        ("0 12 * * 6", "2025-03-05T00:00"),
        ("0 12 * * 5-7", "2025-03-08T13:00"),
        ("0 12 * * fri-7", "2025-03-08T13:00"),
        ("0 12 * * 6/1", "2025-03-08T13:00"),
        ("0 12 * * 4/2", "2025-03-06T13:00"),
        ("0 12 * * 0-7/7", "2025-03-05T00:00"),
        ("0 12 * * */3", "2025-03-02T13:00"),
        ("0 12 * * */6", "2025-03-08T13:00"),
        ("0 12 * * 1-6/2", "2025-03-07T13:00"),
    ],
    "one of both days": [
        ("0 0 13 * fri", "2025-03-08T00:00"),
        ("0 0 13 * fri", "2025-06-06T00:00"),
        ("0 0 1,15 * 3", "2025-03-12T00:00"),
        ("0 0 1-31 * mon", "2025-03-12T00:00"),
        ("0 0 31 2 sun", "2025-01-12T00:00"),
        ("0 0 29 2 1", "2025-02-25T00:00"),
        ("0 0 13 * *", "2025-03-08T00:00"),
        ("0 0 * * fri", "2025-03-08T00:00"),
        ("0 0 */2 * fri", "2025-03-08T00:00"),
        ("0 0 13 * */2", "2025-03-14T00:00"),
        ("0 0 */13 * */6", "2025-03-14T00:00"),
        ("0 0 *,13 * fri", "2025-03-08T00:00"),
        ("0 0 1,* * fri", "2025-03-08T00:00"),
    ],
    "later than": [
        ("30 12 * * *", "2025-03-07T12:30"),
        ("30 12 * * *", "2025-03-07T12:29:59.999999"),
        ("30 12 * * *", "2025-03-07T12:30:00.000001"),
        ("30 12 * * *", "2025-03-07T12:30:59"),
        ("* * * * *", "2025-12-31T23:59:30"),
        ("0 0 1 1 *", "2025-12-31T23:59:59.5"),
        ("59 23 28 2 *", "2025-02-28T23:59"),
        ("0 0 1 * *", "2024-02-29T23:59:01"),
        ("0 0 31 * *", "2025-03-31T00:00"),
    ],
    "far ahead": [
        ("0 0 29 2 *", "2025-03-07T12:30"),
        ("0 0 29 2 *", "2096-02-29T00:00"),
        ("0 0 29 2 *", "1896-03-01T00:00"),
        ("0 0 29 2 *", "2000-02-28T00:00"),
        ("0 0 29 2 */6", "2025-03-07T12:30"),
        ("5 5 29 2 */7", "2072-03-01T00:00"),
        ("5 5 29 2 */7", "2088-03-01T00:00"),
        ("0 0 */28 2 */7", "2025-03-07T12:30"),
        ("0 0 30 4 *", "2025-05-01T00:00"),
    ],
    "never": [
        ("0 0 30 2 *", "2025-03-07T12:30"),
        ("0 0 31 2,4,6,9,11 *", "2025-03-07T12:30"),
        ("0 0 30-31 feb *", "1999-12-31T23:59:59"),
        ("0 0 31 4 */1", "2025-03-07T12:30"),
    ],
}
"""Rule → expressions with the time to look from."""

ERRORS = {
    "fields": ["", "*", "* * * *", "* * * * * *", "0 0 1 1", "@daily", "a b c d e"],
    "parts": [
        "1, * * * *",
        ",1 * * * *",
        "1,,2 * * * *",
        "1- * * * *",
        "-1 * * * *",
        "1-2-3 * * * *",
        "*/ * * * *",
        "/5 * * * *",
        "1/2/3 * * * *",
        "** * * * *",
        "*-5 * * * *",
        "5-* * * * *",
        "*5 * * * *",
        "1/-2 * * * *",
        "*/+2 * * * *",
        "+1 * * * *",
        "1.0 * * * *",
        "0x1 * * * *",
        "1_0 * * * *",
        "٣ * * * *",
        "² * * * *",
        "? * * * *",
        "L * * * *",
        "*/٣ * * * *",
        "1--2 * * * *",
    ],
    "bounds": [
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 0 *",
        "* * * 13 *",
        "* * * * 8",
        "0-60 * * * *",
        "* 5-24 * * *",
        "* * 0-5 * *",
        "* * * 1-13 *",
        "* * * * 1-8",
        "* * 32/2 * *",
        "99999999999999999999 * * * *",
        "0060 * * * *",
    ],
    "order and steps": [
        "5-4 * * * *",
        "* 23-1 * * *",
        "* * * dec-jan *",
        "* * * * fri-sun",
        "* * * * 7-0",
        "*/0 * * * *",
        "1-5/0 * * * *",
        "5/00 * * * *",
        "5-4/2 * * * *",
        "1,5-4 * * * *",
        "* * * * 7/1",
        "* * * * 7-6/1",
    ],
    "names": [
        "jan * * * *",
        "* mon * * *",
        "* * sun * *",
        "* * * mon *",
        "* * * * jan",
        "* * * january *",
        "* * * * thurs",
        "* * * ja *",
        "* * * */feb *",
        "* * * jan/feb *",
        "* * * * sunmon",
    ],
}


def random_part(rng, place):
    """Return a part that can be read."""
    low, high = BOUNDS[place]
    first, last = sorted(rng.choices(range(low, high + 1), k=2))
    name = rng.choice(NAMES[place][first:] or [str(first)]) if place in NAMES and rng.random() < 0.5 else str(first)
    return rng.choice(
        (
            "*",
            name,
            f"{first}-{last}",
            f"*/{rng.randrange(1, 20)}",
            f"{first}-{last}/{rng.randrange(1, 9)}",
            f"{min(first, 6)}/{last + 1}",
        )
    )


def random_cases(count):
    """Return expressions with times, the same ones in every run."""
    rng = random.Random(5)
    return [
        (
            " ".join(",".join(random_part(rng, place) for _ in range(rng.choice((1, 1, 2)))) for place in range(5)),
            (datetime(2024, 1, 1) + timedelta(seconds=rng.randrange(200_000_000))).isoformat(),
        )
        for _ in range(count)
    ]


TIMES["anything"] = random_cases(250)
COUNTED = [
    ("0 0 29 2 *", "2088-03-01T00:00", 4),
    ("*/20 9-10 * * mon-fri", "2025-03-07T10:30", 9),
    ("0 0 13 * 5", "2025-03-07T10:30", 12),
    ("0 0 30 2 *", "2025-03-07T10:30", 3),
    ("* * * * *", "2025-03-07T10:30", 0),
    ("* * * * *", "2025-03-07T10:30", -1),
]


def number_of(word, place):
    """Return the number that a word of a valid field stands for."""
    return int(word) if word.isdigit() else NAMES[place].index(word.lower())


def allowed(field, place, number):
    """Return whether a valid field allows a number; asks each of its parts."""
    for part in field.split(","):
        span, _, step = part.partition("/")
        low, high = BOUNDS[place][0], 6 if place == 4 else BOUNDS[place][1]
        if span != "*":
            first, _, last = span.partition("-")
            low = number_of(first, place)
            high = number_of(last, place) if last else high if step else low
        if low <= number <= high and (number - low) % int(step or 1) == 0:
            return True
    return False


@cache
def next_by_hand(expression, after):
    """Return the first time later than ``after`` at which a valid expression runs, or None."""
    minute, hour, day, month, weekday = expression.split()
    months = {n for n in range(1, 13) if allowed(month, 3, n)}
    days = {n for n in range(1, 32) if allowed(day, 2, n)}
    weekdays = {n for n in range(7) if allowed(weekday, 4, n) or (n == 0 and allowed(weekday, 4, 7))}
    clock = [(h, m) for h in range(24) for m in range(60) if allowed(hour, 1, h) and allowed(minute, 0, m)]
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    for ahead in range(CYCLE_DAYS + 2):
        date = midnight + timedelta(days=ahead)
        if date.month not in months:
            continue
        by_day, by_weekday = date.day in days, (date.weekday() + 1) % 7 in weekdays
        if (by_day and by_weekday) or ((by_day or by_weekday) and day[0] != "*" and weekday[0] != "*"):
            for h, m in clock:
                if (time := date.replace(hour=h, minute=m)) > after:
                    return time
    return None


def several_by_hand(expression, after, count):
    """Return the next times of a valid expression."""
    found = []
    while len(found) < count and (after := next_by_hand(expression, after)) is not None:
        found.append(after)
    return found


def sources():
    """Return module → text of the package as the agent left it; odd files fail the test."""
    assert PACKAGE.is_dir() and not PACKAGE.is_symlink() and not PACKAGE.parent.is_symlink(), f"{PACKAGE} is missing"
    found = {}
    for folder, _, names in os.walk(PACKAGE):
        for name in (name for name in names if name.endswith(".py")):
            path = Path(folder, name)
            assert path.is_file() and not path.is_symlink() and path.stat().st_size < 200_000, (
                f"{path} is odd or too long"
            )
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(encoding="utf-8")
            assert len(found) <= 50, "there are too many modules"
    return found


def limit():
    """Limit the process that is about to start."""
    for what, most in (
        (resource.RLIMIT_CPU, CPU_SEC),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def all_calls():
    """Return every call by its key."""
    calls = {("time", *case): ["next_run", case[0], {"time": case[1]}] for cases in TIMES.values() for case in cases}
    calls |= {("runs", *case): ["runs", case[0], {"time": case[1]}, case[2]] for case in COUNTED}
    for expression in (expression for group in ERRORS.values() for expression in group):
        calls["error", expression] = ["next_run", expression, {"time": "2025-03-07T12:00"}]
    return calls


@pytest.fixture(scope="module")
def outcomes():
    """Return key → outcome of every call, made in one confined process that knows the calls and no answers."""
    calls = all_calls()
    asked = json.dumps({"sources": sources(), "calls": list(calls.values())}).encode()
    with tempfile.TemporaryFile() as written:
        try:
            subprocess.run(
                [sys.executable, "-I", "-B", str(CONFINED)],
                input=asked,
                stdout=written,
                stderr=subprocess.DEVNULL,
                timeout=WALL_SEC,
                preexec_fn=limit,
                env={"LANG": "C.UTF-8"},
                check=False,
            )
        except subprocess.TimeoutExpired:
            pytest.fail(f"the calls took more than {WALL_SEC} seconds")
        written.seek(0)
        data = written.read(OUTPUT_BYTES)
    assert data, "the package cannot be imported, or used up its time or memory"
    found = json.loads(data)
    assert isinstance(found, list) and len(found) == len(calls)
    return dict(zip(calls, found))


@pytest.mark.parametrize("rule", TIMES)
def test_next_run(rule, outcomes):
    for case in TIMES[rule]:
        expected = next_by_hand(case[0], at(case[1]))
        assert outcomes["time", *case] == {"result": expected and expected.isoformat()}, case


@pytest.mark.parametrize("rule", ERRORS)
def test_errors(rule, outcomes):
    for expression in ERRORS[rule]:
        assert outcomes["error", expression] == {"error": "CronError"}, expression


def test_runs(outcomes):
    for case in COUNTED:
        expected = several_by_hand(case[0], at(case[1]), case[2])
        assert outcomes["runs", *case] == {"result": [time.isoformat() for time in expected]}, case
