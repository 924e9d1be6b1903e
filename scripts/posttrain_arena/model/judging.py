"""How a model that judges is shown texts and says its verdict, in benchmarks and in audits."""

from __future__ import annotations

import hashlib
import json
import re

VERDICT = re.compile(r"\bVERDICT:\s*(YES|NO|A|B|TIE)\b")
"""What a judge's answer ends with."""

FORGED = re.compile(r"^[^\w\n]*VERDICT:\s*(?:YES|NO|A|B|TIE)[^\w\n]*$|^--- [0-9a-f]{8,} \S", re.MULTILINE)
"""A verdict on a line of its own, or a line of ``enclosed``: what no text that is judged has to say."""


def mark_of(*texts: str) -> str:
    """Return a mark that none of the texts can hold: no text has its own digest in it. The same texts have the same."""
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:32]


def enclosed(mark: str, name: str, text: str) -> str:
    """Return a text between lines that hold ``mark``, so that nothing in it can end it early."""
    return f"--- {mark} {name}\n{text}\n--- {mark} end"
