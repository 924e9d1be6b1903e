"""Score the migrated settings: all of them right, or half of the share that is.

    python3 score.py ctrf.json

Reads the old files in the pristine image character by character, and resolves from the inside out.
"""

import json
import os
import sys
from pathlib import Path

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
OLD = Path("{{ place }}")


class Refused(Exception):
    """A file of the agent that earns nothing; the message says why."""


def logical_lines(name):
    """Yield the lines of an old file that set something, with their sections in the form ``section.key=value``."""
    lines = (OLD / f"{name}.{{ ending }}").read_text(encoding="utf-8").split("\n")
    {% if source == "sections" %}
    section = ""
    for line in lines:
        for place in range(len(line) - 1):
            if line[place] in " \t" and line[place + 1] == ";":
                line = line[:place]
                break
        line = line.strip()
        if line[:1] == "[":
            section = line[1:-1]
        elif line and line[0] not in ";#":
            yield f"{section}.{line}"
    {% elif source == "dotted" %}
    whole = ""
    for line in lines:
        whole += line.lstrip()
        if whole.endswith("\\"):
            whole = whole[:-1]
            continue
        if whole and whole[0] != "#":
            yield whole
        whole = ""
    {% else %}
    for line in lines:
        line = line.strip().removeprefix("export ").lstrip()
        if line and line[0] != "#":
            name, _, value = line.partition("=")
            section, _, key = name.lower().partition("__")
            yield f"{section}.{key}={value}"
    {% endif %}


def settings(name):
    """Return (section.key, value, whether the value is literal) of an old file."""
    found = []
    for line in logical_lines(name):
        at = min(place for place in (line.find("="), line.find(":")) if place >= 0)
        path, value, literal = line[:at].strip(), line[at + 1 :].strip(), False
        {% if source == "exports" %}
        path, _, value = line.partition("=")
        literal = value.startswith("'")
        if value[:1] in ("'", '"'):
            value = value[1 : value.index(value[0], 1)]
        else:
            value = value.split(" #")[0].rstrip()
        {% endif %}
        found.append((path, value, literal))
    return found


def merged():
    """Return section.key → its parts, each a value and whether it is literal; parts are joined by commas."""
    {% if layers == "profile" %}
    plain, special = {}, {}
    for path, value, literal in settings("base"):
        name, mark, profile = path.partition("{{ "__at_" if source == "exports" else "@" }}")
        if mark and profile == "{{ profile }}":
            special[name] = [(value, literal)]
        if not mark:
            plain[name] = [(value, literal)]
    return plain | special
    {% else %}
    found = {path: [(value, literal)] for path, value, literal in settings("base")}
    for path, value, literal in settings("local"):
        {% if layers == "append" %}
        if value[:1] == "+":
            found[path] = found.get(path, []) + [(value[1:], literal)]
            continue
        {% endif %}
        found[path] = [(value, literal)]
        {% if layers == "unset" %}
        if value == "!unset":
            del found[path]
        {% endif %}
    return found
    {% endif %}


OPEN, CLOSE = {{ '("%(", ")s")' if references == "section" else '("${", "}")' }}


def looked_up(parts, section, told):
    """Return what a reference stands for."""
    {% if references == "section" %}
    for name in (f"{section}.{told}", f"default.{told}"):
        if name in parts:
            return joined(parts, name, section)
    return ""
    {% elif references == "fallback" %}
    name, _, text = told.partition(":-")
    return joined(parts, name, section) or text if name in parts else text
    {% else %}
    return joined(parts, told, section) if told in parts else ""
    {% endif %}


def joined(parts, name, section):
    """Return the resolved text of a setting, for one that is used in a section."""
    texts = []
    for text, literal in parts[name]:
        while OPEN in text and not literal:
            before, _, rest = text.rpartition(OPEN)
            told, _, after = rest.partition(CLOSE)
            text = before + looked_up(parts, section, told).replace(OPEN, "\0") + after
        texts.append(text.replace("\0", OPEN))
    return ",".join(texts)


def typed(text):
    """Return a text as the new settings have it."""
    ascii_digits = set("0123456789")
    number, unit = text[:-1], text[-1:]
    if text and set(text) <= ascii_digits:
        return int(text)
    {% if types == "flags" %}
    if text in ("yes", "no", "on", "off", "true", "false"):
        return text in ("yes", "on", "true")
    {% else %}
    {% if types == "durations" %}
    units = {"s": 1, "m": 60, "h": 60 * 60}
    {% else %}
    units = {"k": 2**10, "M": 2**20, "G": 2**30}
    {% endif %}
    if number and set(number) <= ascii_digits and unit in units:
        return int(number) * units[unit]
    {% endif %}
    return text


def expected():
    """Return section.key → value of the new settings, and of the secrets."""
    parts = merged()
    found = {name: typed(joined(parts, name, name.partition(".")[0])) for name in parts}
    words = {name: name.partition(".")[2].split("_") for name in found}
    secret = {name: found[name] for name in found if any(w in ("password", "secret", "token") for w in words[name])}
    {% if secrets == "mask" %}
    return found | dict.fromkeys(secret, "***"), secret
    {% else %}
    return {name: value for name, value in found.items() if name not in secret}, secret
    {% endif %}


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


def read_json(text, kind):
    """Return JSON of a kind."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("this is no JSON") from None
    if not isinstance(found, kind):
        raise Refused("this is JSON of another form")
    return found


def migrated():
    """Return section.key → value as the agent has it, in its order."""
    {% if target == "nested" %}
    sections = read_json(read_output("config.json"), dict)
    if not all(isinstance(keys, dict) and keys for keys in sections.values()):
        raise Refused("a section is no object or has no keys")
    return [(f"{section}.{key}", value) for section in sorted(sections) for key, value in sorted(sections[section].items())]
    {% elif target == "lines" %}
    pairs = [line.partition(" = ") for line in read_output("config.txt").splitlines()]
    return [(name, read_json(value, (str, int, bool))) for name, _, value in pairs]
    {% else %}
    records = read_json(read_output("config.json"), list)
    if not all(isinstance(one, dict) and one.keys() == {"section", "key", "value"} for one in records):
        raise Refused("a record has other keys")
    return [(f"{one['section']}.{one['key']}", one["value"]) for one in records]
    {% endif %}


def same(left, right):
    """Return whether two values are equal and of one type: true is not 1."""
    return type(left) is type(right) and left == right


def judge():
    """Return the reward, and what is to be said of it."""
    wanted, secret = expected()
    {% if target == "lines" %}
    ordered = sorted(wanted.items())
    {% else %}
    ordered = sorted(wanted.items(), key=lambda item: item[0].partition(".")[::2])
    {% endif %}
    try:
        found = migrated()
        {% if secrets == "split" %}
        apart = read_json(read_output("secrets.json"), dict)
        if apart.keys() != secret.keys() or not all(same(apart[name], secret[name]) for name in secret):
            raise Refused("secrets.json has other secrets")
        {% endif %}
    except Refused as refused:
        return 0.0, str(refused)
    if [name for name, _ in found] == [name for name, _ in ordered] and all(
        same(mine, value) for (_, mine), (_, value) in zip(found, ordered)
    ):
        return 1.0, "all settings are right"
    names = [name for name, _ in found]
    if len(set(names)) < len(names) or set(secret) & set(names) and {{ "False" if secrets == "mask" else "True" }}:
        return 0.0, "a setting is there twice, or should not be there"
    right = sum(name in wanted and same(value, wanted[name]) for name, value in found)
    return round(right / max(len(wanted), len(found)) / 2, 4), f"{right} of {len(wanted)} settings are right"


def main():
    reward, message = judge()
    passed = int(reward == 1)
    none = dict.fromkeys(("pending", "skipped", "other", "start", "stop"), 0)
    test = {"name": "settings", "status": "passed" if passed else "failed", "duration": 0, "message": message}
    summary = {"tests": 1, "passed": passed, "failed": 1 - passed, **none}
    results = {"tool": {"name": "score.py"}, "summary": summary, "tests": [test]}
    Path(sys.argv[1]).write_text(json.dumps({"results": results}) + "\n", encoding="utf-8")
    print(reward)


if __name__ == "__main__":
    main()
