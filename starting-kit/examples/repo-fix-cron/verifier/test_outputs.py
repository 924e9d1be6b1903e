"""Call the mended library in a confined process, and compare with times that are found one day after another."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cases import BOUNDS, COUNTED, ERRORS, NAMES, TIMES

PACKAGE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "cronline" / "cronline"
CONFINED = Path(__file__).with_name("confined.py")
CPU_SEC, WALL_SEC = 20, 60
MEMORY_BYTES = 300 * 1024 * 1024
OUTPUT_BYTES = 1024 * 1024

CYCLE_DAYS = 146_097
"""400 years: then the calendar begins again."""


def at(text):
    """Return a time from its text."""
    return datetime.fromisoformat(text)


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
