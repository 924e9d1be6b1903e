#!/bin/bash
set -euo pipefail
head -n 12 {{ place }}/*.{{ ending }}

cat > /root/migrate.py <<'PY'
import json
import re

{% if source == "sections" %}
def settings(name):
    section = None
    for line in open(f"{{ place }}/{name}.ini", encoding="utf-8"):
        line = re.sub(r"\s;.*", "", line).strip()
        if not line or line[0] in "#;":
            continue
        if line.startswith("["):
            section = line.strip("[]")
        else:
            key, value = re.split(r"\s*[=:]\s*", line, maxsplit=1)
            yield section, key, value
{% elif source == "dotted" %}
def settings(name):
    text = open(f"{{ place }}/{name}.properties", encoding="utf-8").read()
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line.strip() and not line.startswith("#"):
            path, value = re.split(r"\s*[=:]\s*", line.strip(), maxsplit=1)
            section, _, key = path.partition(".")
            yield section, key, value
{% else %}
LITERAL = "\0"  # marks values in single quotes, in which nothing is a reference

def settings(name):
    for line in open(f"{{ place }}/{name}.env", encoding="utf-8"):
        found = re.match(r"""(?:export\s+)?(\w+)=(?:"([^"]*)"|'([^']*)'|(\S*))""", line)
        if found:
            path, double, single, bare = found.groups()
            section, _, key = path.lower().partition("__")
            yield section, key, LITERAL + single if single is not None else double if double is not None else bare
{% endif %}

{% if layers == "profile" %}
values, special = {}, {}
for section, key, value in settings("base"):
    key, mark, profile = key.partition("{{ "__at_" if source == "exports" else "@" }}")
    if not mark:
        values[section, key] = value
    elif profile == "{{ profile }}":
        special[section, key] = value
values.update(special)
{% else %}
values = {(section, key): value for section, key, value in settings("base")}
for section, key, value in settings("local"):
{% if layers == "override" %}
    values[section, key] = value
{% elif layers == "unset" %}
    if value{{ ".lstrip(LITERAL)" if source == "exports" }} == "!unset":
        values.pop((section, key), None)
    else:
        values[section, key] = value
{% else %}
{% if source == "exports" %}
    # A plus may stand inside single quotes; the parts keep their own meaning, so resolve them one by one.
    if value.lstrip(LITERAL).startswith("+"):
        literal, added = value.startswith(LITERAL), value.lstrip(LITERAL)[1:]
        before = values.get((section, key))
        parts = [] if before is None else before if isinstance(before, list) else [before]
        values[section, key] = [*parts, LITERAL + added if literal else added]
{% else %}
    if value.startswith("+"):
        before = [values[section, key]] if (section, key) in values else []
        values[section, key] = ",".join([*before, value[1:]])
{% endif %}
    else:
        values[section, key] = value
{% endif %}
{% endif %}

def resolved(section, value):
{% if source == "exports" %}
    if isinstance(value, list):
        return ",".join(resolved(section, part) for part in value)
    if value.startswith(LITERAL):
        return value.removeprefix(LITERAL)
{% endif %}
{% if references == "anywhere" %}
    def put_in(match):
        place = tuple(match[1].split(".", 1))
        return resolved(place[0], values[place]) if place in values else ""

    return re.sub(r"\$\{([^}]*)\}", put_in, value)
{% elif references == "section" %}
    def put_in(match):
        for place in ((section, match[1]), ("default", match[1])):
            if place in values:
                return resolved(section, values[place])
        return ""

    return re.sub(r"%\((\w+)\)s", put_in, value)
{% else %}
    def put_in(match):
        place = tuple(match[1].split(".", 1))
        return (resolved(place[0], values[place]) if place in values else "") or match[2]

    return re.sub(r"\$\{([\w.]+):-([^}]*)\}", put_in, value)
{% endif %}

def typed(text):
    if re.fullmatch("[0-9]+", text):
        return int(text)
{% if types == "durations" %}
    if re.fullmatch("[0-9]+[smh]", text):
        return int(text[:-1]) * {"s": 1, "m": 60, "h": 3600}[text[-1]]
    return text
{% elif types == "sizes" %}
    if re.fullmatch("[0-9]+[kMG]", text):
        return int(text[:-1]) * 1024 ** ("kMG".index(text[-1]) + 1)
    return text
{% else %}
    return {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}.get(text, text)
{% endif %}

final = {place: typed(resolved(place[0], value)) for place, value in sorted(values.items())}
secret = [place for place in final if {"password", "secret", "token"} & set(place[1].split("_"))]
{% if secrets == "mask" %}
final.update(dict.fromkeys(secret, "***"))
{% elif secrets == "split" %}
with open("/root/secrets.json", "w") as file:
    json.dump({".".join(place): final.pop(place) for place in secret}, file, indent=2)
{% else %}
for place in secret:
    del final[place]
{% endif %}

{% if target == "nested" %}
nested = {}
for (section, key), value in final.items():
    nested.setdefault(section, {})[key] = value
with open("/root/config.json", "w") as file:
    json.dump(nested, file, indent=2)
{% elif target == "lines" %}
named = {".".join(place): value for place, value in final.items()}
with open("/root/config.txt", "w") as file:
    for name in sorted(named):
        print(name, "=", json.dumps(named[name]), file=file)
{% else %}
records = [{"section": section, "key": key, "value": value} for (section, key), value in final.items()]
with open("/root/config.json", "w") as file:
    json.dump(records, file, indent=2)
{% endif %}
print(len(final), "settings,", len(secret), "secrets")
PY

python3 /root/migrate.py
head -n 15 /root/config.*
