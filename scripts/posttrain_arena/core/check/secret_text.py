"""Find passwords, keys and tokens in text, and hide them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

SHOWN_CHARS = 4
"""Of a secret no more than this is ever printed: enough to find it, too little to use it."""

_KINDS = (
    ("an AWS access key", ("AKIA", "ASIA"), r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("a GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    ("a GitHub token", ("github_pat_",), r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    ("a GitLab token", ("glpat-",), r"glpat-[A-Za-z0-9_-]{20,}"),
    ("a Hugging Face token", ("hf_",), r"hf_[A-Za-z0-9]{34}(?![A-Za-z0-9])"),
    ("an Anthropic key", ("sk-ant-",), r"sk-ant-[A-Za-z0-9]{2,12}-[A-Za-z0-9_-]{24,}"),
    ("an API key", ("sk-proj-", "sk-svcacct-", "sk-admin-"), r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{24,}"),
    ("an OpenRouter key", ("sk-or-v1-",), r"sk-or-v1-[0-9a-f]{64}"),
    ("an API key", ("sk-",), r"sk-(?=[A-Za-z]{0,40}[0-9])(?=[a-z0-9]{0,40}[A-Z])[A-Za-z0-9]{32,64}(?![A-Za-z0-9_-])"),
    ("a Groq key", ("gsk_",), r"gsk_[A-Za-z0-9]{52}(?![A-Za-z0-9])"),
    ("a Google API key", ("AIza",), r"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    ("a Slack token", ("xox",), r"xox[abprs]-(?:[0-9]+-)+[A-Za-z0-9-]{16,}"),
    (
        "a Slack webhook",
        ("hooks.slack.com/",),
        r"hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,}",
    ),
    ("a Stripe live key", ("k_live_",), r"[sr]k_live_[A-Za-z0-9]{20,}"),
    ("an npm token", ("npm_",), r"npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
    ("a PyPI token", ("pypi-AgE",), r"pypi-AgE[A-Za-z0-9_-]{50,}"),
    ("a SendGrid key", ("SG.",), r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    (
        "an AWS secret key",
        ("aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
        r"(?i:aws_secret_access_key)[\"']?\s{0,3}[:=]\s{0,3}[\"']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])",
    ),
    ("an Azure storage key", ("AccountKey=",), r"AccountKey=[A-Za-z0-9+/]{86}=="),
    ("a DigitalOcean token", ("dop_v1_",), r"dop_v1_[0-9a-f]{64}"),
)
"""What it is, texts one of which stands in every such key, and its form."""

_GATES = ("_", "-", "sk-", "xox", "_live_")
"""Parts of those texts: most files lack one of them, and then need not be searched for each text."""

_NO_WORD_BEFORE = "(?<![A-Za-z0-9_-])"
_JWT = r"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,2000}"
_KEY_BLOCK = (
    r"-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----(?:\\n|[\s\"',+|>#])*"
    r"(?:[A-Za-z-]+: [^\n]{0,100}\n\s*){0,4}(?P<body>[A-Za-z0-9+/=]{40,})"
)
_DUMMY_PART = re.compile(
    r"example|dummy|fake|sample|placeholder|your|x{4}|redacted|change.?me|not.?real|insert|todo|\.\.\.|\*{3}",
    re.IGNORECASE,
)
_DUMMY_WORDS = frozenset(
    "password passwd secret token key api apikey root admin user test testing demo dev local "  # noqa: SIM905
    "localhost postgres mysql none null empty unset na n a no not needed used required set unused disabled "
    "true false yes default foo bar baz mock ci build my the value here dummy fake example sample me".split()
)
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:API_?KEY|(?:ACCESS|AUTH|BOT|REFRESH)?_?TOKEN|(?:CLIENT_|APP_)?SECRET(?:_KEY)?|PASSWORD|PASSWD|PASSPHRASE|"
    r"PRIVATE_KEY|ACCESS_KEY(?:_ID)?|SECRET_ACCESS_KEY|CREDENTIALS)$",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(r"(?P<name>[A-Za-z_]\w{0,80})\s?[=:]\s?(?P<value>\"[^\"]*\"|'[^']*'|\S+)")
_OLDER_ENV = re.compile(r"\s*ENV\s+(?P<name>\w+)\s+(?P<value>.+)", re.IGNORECASE)
_MIN_RUN = 8
MAX_ASSIGNED_CHARS = 10_000
"""Longer lines are data, and a terminal is not shown all of them."""

_FEW_CHARACTERS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret at ``start`` to ``end`` of a text."""

    kind: str
    start: int
    end: int


@lru_cache(maxsize=64)
def _possible(absent: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...], str], ...]:
    """Return the kinds, and of each the texts, that do not hold one of the gates that a file lacks."""
    left = (
        (kind, tuple(n for n in needles if not any(a in n for a in absent)), form) for kind, needles, form in _KINDS
    )
    return tuple(one for one in left if one[1])


def find_secrets(text: str) -> Iterator[Secret]:
    """Yield the keys and tokens of services that stand in ``text``, obviously made-up ones left out."""
    absent = tuple([sign for sign in _GATES if sign not in text])
    for kind, needles, form in _possible(absent):
        if any(needle in text for needle in needles):
            for found in re.finditer(_NO_WORD_BEFORE + form, text):
                if not is_made_up(found[0]):
                    yield Secret(kind=kind, start=found.start(), end=found.end())


def find_private_keys(text: str) -> Iterator[Secret]:
    """Yield the private keys that stand in ``text`` with their header."""
    if "PRIVATE KEY" in text:
        for found in re.finditer(_KEY_BLOCK, text):
            if not is_made_up(found["body"]):
                yield Secret(kind="a private key", start=found.start(), end=found.end())


def find_signed_tokens(text: str) -> Iterator[Secret]:
    """Yield the JSON web tokens that stand in ``text``."""
    if ".eyJ" in text:
        for found in re.finditer(_NO_WORD_BEFORE + _JWT, text):
            yield Secret(kind="a signed token (JWT)", start=found.start(), end=found.end())


def is_made_up(text: str) -> bool:
    """Say whether a key is one that nobody was ever given: it says so, repeats itself, or counts up."""
    if _DUMMY_PART.search(text) or len(set(text)) <= _FEW_CHARACTERS:
        return True
    run, before = 1, ""
    for character in text.lower()[:200]:
        run = run + 1 if before and ord(character) - ord(before) == 1 else 1
        if run >= _MIN_RUN:
            return True
        before = character
    return False


def names_secret(name: str) -> bool:
    """Say whether a variable of this name holds a secret."""
    return _SECRET_NAME.search(name) is not None


def is_dummy(value: str) -> bool:
    """Say whether a value is none, a path, or made of words that stand in for one."""
    plain = value.strip().strip("\"'")
    words = [word for word in re.split(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])", plain) if word]
    said = all(word.lower() in _DUMMY_WORDS for word in words) and not re.search(r"\d{5}", plain)
    return len(plain) < SHOWN_CHARS or plain.startswith(("/", "<", "$")) or said or is_made_up_value(plain)


def is_made_up_value(plain: str) -> bool:
    """Say whether a value says of itself that it is made up."""
    return _DUMMY_PART.search(plain) is not None


def first_characters(secret: str) -> str:
    """Return what may be told of a secret."""
    return f"'{secret[:SHOWN_CHARS]}…', {len(secret)} characters"


def masked(line: str) -> str:
    """Return a line with what looks like a secret replaced by as many asterisks, but for its first characters."""
    spans = [(secret.start + SHOWN_CHARS, secret.end) for secret in (*find_secrets(line), *find_signed_tokens(line))]
    short = line if len(line) < MAX_ASSIGNED_CHARS else ""
    for found in (*_ASSIGNED.finditer(short), *_OLDER_ENV.finditer(short)):
        if names_secret(found["name"]) and not is_dummy(found["value"]):
            spans.append(found.span("value"))
    parts, at = [], 0
    for start, end in sorted(spans):
        if end > at:
            start = max(start, at)
            parts += [line[at:start], "*" * (end - start)]
            at = end
    return "".join([*parts, line[at:]])
