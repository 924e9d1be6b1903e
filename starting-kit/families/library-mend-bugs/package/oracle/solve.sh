#!/bin/bash
set -euo pipefail
cd /root/{{ library }}
cat README.md
python3 -m pytest -q -p no:cacheprovider tests || true
cat {% for bug in bugs %}{{ bug.file }} {% endfor %}


cat > /tmp/try.py <<'PY'
# The calls that were told, and more of their kind.
import sys

sys.path.insert(0, "/root/{{ library }}")
import {{ library }}

for name, arguments in (
{% for call in calls %}
    ({{ '"' + call[0] + '"' }}, {{ call[1] }}),
{% endfor %}
):
    try:
        print(name, arguments, "->", getattr({{ library }}, name)(*arguments), "with arguments then", arguments)
    except Exception as error:
        print(name, arguments, "->", repr(error))
PY
python3 /tmp/try.py

cat > /tmp/mend.py <<'PY'
import sys
from pathlib import Path

def mend(module, broken, sound):
    path = Path("/root/{{ library }}/{{ library }}", f"{module}.py")
    text = path.read_text()
    if text.count(broken) != 1:
        print("not found:", broken, file=sys.stderr)
    path.write_text(text.replace(broken, sound))

{% for part, kind in (("reading", reading), ("working", working), ("showing", showing)) if kind != "sound" %}
{% set bug = table[part][kind] %}
# {{ bug.title }}.
mend("{{ part }}", r'''
{{ bug.broken }}'''[1:], r'''
{{ bug.sound }}'''[1:])

{% endfor %}
PY
python3 /tmp/mend.py
python3 /tmp/try.py
python3 -m pytest -q -p no:cacheprovider tests || echo "not done yet"

{% if handover == "culprits" %}
sort > /root/culprits.txt <<'TXT'
{% for bug in bugs %}
{{ bug.culprit }}
{% endfor %}
TXT
cat /root/culprits.txt
{% elif handover == "release" %}
sed -i 's/^__version__ = .*/__version__ = "{{ new }}"/' {{ library }}/__init__.py
cat > /tmp/section.md <<'MD'
## {{ new }}

{% for bug in bugs %}
- {{ bug.title }}.
{% endfor %}

MD
sed -i '2r /tmp/section.md' CHANGELOG.md
tail -n 1 {{ library }}/__init__.py
cat CHANGELOG.md
{% else %}
cat > /tmp/keep.py <<'PY'
import json
import sys

sys.path.insert(0, "/root/{{ library }}")
import {{ library }}

examples = []
for name, arguments in (
{% for call in calls %}
    ({{ '"' + call[0] + '"' }}, {{ call[1] }}),
{% endfor %}
):
    examples.append({"function": name, "arguments": json.loads(json.dumps(arguments))})
    try:
        examples[-1]["result"] = getattr({{ library }}, name)(*arguments)
    except ValueError as error:
        examples[-1]["error"] = type(error).__name__
with open("/root/examples.json", "w") as file:
    json.dump(examples, file, indent=1)
PY
python3 /tmp/keep.py
cat /root/examples.json
{% endif %}
