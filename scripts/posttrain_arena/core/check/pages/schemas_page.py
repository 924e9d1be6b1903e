"""The page about the schemas, made from the schemas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from posttrain_arena.core.check.pages.markdown import anchor, code, prose, table, value
from posttrain_arena.model.documents import load_schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Where documents of a schema lie, who writes them, and who reads them; ``keys`` lists every key on the page."""

    file: str
    writer: str
    reader: str
    keys: bool = False


USES: dict[str, Use] = {
    "task": Use(file="`task.md`, front matter", writer="authors", reader="check, trials", keys=True),
    "verifier": Use(file="`verifier/verifier.md`, front matter", writer="authors", reader="check", keys=True),
    "submission": Use(file="`submissions/<entry>/submission.yaml`", writer="teams", reader="check, jobs", keys=True),
    "skill": Use(file="`skills/<name>/SKILL.md`, front matter", writer="authors", reader="check, agents", keys=True),
    "agent": Use(file="`agent/agent.yaml`", writer="authors", reader="check, jobs", keys=True),
    "reward": Use(file="`/logs/verifier/reward.json`", writer="verifiers", reader="trials", keys=True),
    "ctrf": Use(file="`/logs/verifier/ctrf.json`", writer="verifiers", reader="reviewers", keys=True),
    "competition": Use(file="`competition.yaml`", writer="organisers", reader="every stage"),
    "family": Use(file="`starting-kit/families/*/family.yaml`", writer="organisers", reader="`arena new`"),
    "recipe": Use(file="`sky/recipes/*.yaml`", writer="organisers", reader="`arena post-train`"),
    "recipe-override": Use(file="`sky/recipes/*.yaml`", writer="organisers", reader="`arena post-train`"),
    "reference-agent": Use(file="`sky/agents/*.yaml`", writer="organisers", reader="`arena plan`, `arena evaluate`"),
    "fingerprint": Use(file="`fingerprint.json` beside an adapter", writer="training", reader="whoever serves it"),
    "demonstrations": Use(file="`demonstrations/demonstrations.json`", writer="the teacher's stage", reader="people"),
    "finding": Use(file="in reports", writer="`arena check`", reader="authors, editors"),
    "failure": Use(file="in trials and reports", writer="trials", reader="authors, organisers"),
    "report": Use(file="`arena check --out FILE`", writer="`arena check`", reader="the pull request"),
    "trial": Use(file="`trials.jsonl`, one a line", writer="trials", reader="training, audits"),
    "job": Use(file="`job.json`", writer="the launch of a run", reader="`arena post-train`, `arena evaluate`"),
    "launch": Use(file="`<name>.json` in a ledger", writer="`arena launch`, `arena collect`", reader="`arena status`"),
    "node-report": Use(
        file="`reports/<stage>.json` of a run", writer="the machine that runs the stage", reader="`arena collect`"
    ),
    "manifest": Use(file="`manifest.json` of a stage", writer="each stage, last", reader="the next run of the stage"),
    "suite": Use(file="`suite.json`", writer="organisers", reader="`arena evaluate`"),
    "sealed-suite": Use(
        file="`leaderboard/sealed/suite.json`", writer="`arena suite seal`", reader="`arena suite verify`"
    ),
    "suite-key": Use(file="the operator's key file", writer="`arena suite seal`", reader="`arena suite reveal`"),
    "revealed-suite": Use(
        file="`leaderboard/sealed/revealed.json`", writer="`arena suite reveal`", reader="`arena suite verify`"
    ),
    "overlap": Use(file="the operator's evidence", writer="`arena suite overlap`", reader="the operator"),
    "evaluation": Use(file="`evaluation.json`", writer="`arena evaluate`", reader="`arena score`"),
    "benchmark": Use(file="`benchmark.json`, given to an agent", writer="`arena agents run`", reader="agents"),
    "benchmark-item": Use(
        file="`dev.jsonl`, one a line, given to an agent", writer="`arena agents run`", reader="agents"
    ),
    "benchmark-data": Use(file="named by `--data`", writer="organisers", reader="`arena agents`"),
    "agent-providers": Use(file="named by `--providers`", writer="organisers", reader="`arena agents run`"),
    "agent-run": Use(
        file="`run.json` of an agent's run", writer="`arena agents run`", reader="`evaluate`, `arena audit`"
    ),
    "agent-connection": Use(file="`egress.jsonl`, one a line", writer="`arena agents run`", reader="`arena audit`"),
    "agent-scoring-call": Use(file="`scoring.jsonl`, one a line", writer="`arena agents run`", reader="`arena audit`"),
    "agent-evaluation": Use(
        file="`evaluation.json` of an agent's run", writer="`arena agents evaluate`", reader="`arena audit`, the board"
    ),
    "audit": Use(file="`audit.json` of an agent's run", writer="`arena audit`", reader="people, the agents' board"),
    "audit-references": Use(
        file="the operator's references", writer="`arena agents known-model`", reader="`arena audit`"
    ),
    "agents-result": Use(
        file="`leaderboard/agents/runs/<id>.json`", writer="`arena leaderboard add-agent`", reader="the agents' board"
    ),
    "agents-references": Use(
        file="`leaderboard/agents/references.json`",
        writer="`arena leaderboard add-references`",
        reader="the agents' board",
    ),
    "agents-board": Use(file="`agents.json`", writer="`arena leaderboard build`", reader="page"),
    "score": Use(file="`score.json`", writer="`arena score`", reader="the leaderboard"),
    "leaderboard-run": Use(
        file="`leaderboard/runs/<id>.json`", writer="`arena leaderboard add`", reader="board, page, `verify`"
    ),
    "change": Use(file="`leaderboard/changes/<name>.json`", writer="organisers", reader="board, page"),
    "sealed-run": Use(
        file="`leaderboard/sealed/runs/<id>.json`",
        writer="`arena leaderboard add`",
        reader="`arena leaderboard verify`",
    ),
    "board": Use(file="`leaderboard.json`", writer="`arena leaderboard build`", reader="page"),
    "entry-record": Use(file="`api/v1/entries/<entry>.json`", writer="`arena site build`", reader="anybody"),
    "history": Use(file="`api/v1/history.json`", writer="`arena site build`", reader="anybody"),
}
"""The schemas in the order of the page."""

_TOP = """\
# Schemas

<!-- Written by `arena docs` from the schemas themselves: do not edit. -->

JSON Schema 2020-12 of every file on disk: the public contract. Each schema has a stable `$id`, says of every key what
it means, and has whole examples. What the files mean together stands in [the specification](../docs/spec.md).
"""

_EDITORS = """\
## In an editor

An editor that knows JSON Schema completes keys and values and marks faults while you type. With the YAML language
server (the YAML extension of VS Code, and most other editors) a line at the top of `submission.yaml` is enough:

```yaml
# yaml-language-server: $schema=../../schemas/submission.schema.json
```

The path is the one from the file to the schema. The same line may be the first one after `---` in the front matter of a
`task.md`, for editors that read front matter as YAML. Or name the files once in the settings of VS Code:

```json
{
  "yaml.schemas": {
    "./schemas/submission.schema.json": "submissions/*/submission.yaml",
    "./schemas/agent.schema.json": "submissions/*/agent/agent.yaml"
  }
}
```

What a schema cannot say, such as which files must be there, `arena check` says: see [the rules](../docs/rules.md).
"""


def schemas_page() -> str:
    """Return schemas/README.md."""
    return "\n".join([_TOP, *_overview(), _EDITORS, *_sections()])


def _overview() -> Iterator[str]:
    rows = []
    for name, use in USES.items():
        schema = load_schema(name)
        title = f"[{schema['title']}](#{anchor(schema['title'])})" if use.keys else schema["title"]
        link = f"[{name}]({name}.schema.json)"
        rows.append([link, title, prose(schema["description"]), use.file, use.writer, use.reader])
    yield table(["Schema", "Title", "What it is", "File", "Written by", "Read by"], rows) + "\n"


def _sections() -> Iterator[str]:
    for name, use in USES.items():
        if use.keys:
            schema = load_schema(name)
            yield f"## {schema['title']}\n"
            schema_file = f"{name}.schema.json"
            yield f"{prose(schema['description'])} File: {use.file}. Schema: [{schema_file}]({schema_file}).\n"
            others = {True: "Other keys are the author's own.", False: "Other keys are refused."}
            yield f"{others[bool(schema.get('additionalProperties', True))]}\n"
            head = ["Key", "Type", "Required", "Default", "Values", "Meaning", "Example"]
            yield table(head, keys_of(schema)) + "\n"


def keys_of(schema: dict[str, Any], above: str = "") -> Iterator[list[str]]:
    """Yield a row for every key, nested ones after the table that holds them; equal tables are told once."""
    known: list[tuple[str, Any]] = []
    for name, part in schema.get("properties", {}).items():
        key = f"{above}{name}"
        same = next((other for other, inside in known if inside == part.get("properties")), None)
        yield _row(key, part, required=name in schema.get("required", ()), same=same)
        if same is None:
            known += [(key, part["properties"])] if part.get("properties") else []
            yield from _keys_inside(part, key)


def _keys_inside(part: dict[str, Any], key: str) -> Iterator[list[str]]:
    yield from keys_of(part, f"{key}.")
    for keyword, inside in (("items", f"{key}[]."), ("additionalProperties", f"{key}.<name>.")):
        if isinstance(part.get(keyword), dict):
            yield from keys_of(part[keyword], inside)


def _row(key: str, part: dict[str, Any], *, required: bool, same: str | None) -> list[str]:
    default = value(part["default"]) if "default" in part else ""
    example = value(part["examples"][0]) if part.get("examples") else ""
    meaning = prose(part["description"]) + (f" Its keys are those of {code(same)}." if same else "")
    return [code(key), _type(part), "yes" if required else "", default, _values(part), meaning, example]


_WORDS = {
    "object": "table",
    "array": "list",
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "true or false",
    "null": "empty",
}


def _type(part: dict[str, Any]) -> str:
    given = part.get("type", [])
    names = [given] if isinstance(given, str) else given
    choices = part.get("enum", [part["const"]] if "const" in part else [])
    if not names and choices:
        return "text" if all(isinstance(choice, str) for choice in choices) else "value"
    words = " or ".join(_WORDS[name] for name in names) or "anything"
    inside = part.get("items", {}).get("type")
    return f"{words} of {_WORDS[inside]}s" if words == "list" and inside in ("object", "number") else words


_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} keys",
}


def _values(part: dict[str, Any]) -> str:
    choices = part.get("enum", [part["const"]] if "const" in part else [])
    said = [", ".join(value(choice) for choice in choices)] if choices else []
    said += [_bound(keyword, part[keyword], words) for keyword, words in _BOUNDS.items() if keyword in part]
    said += [f"form {code(part['pattern'])}"] if "pattern" in part else []
    return "; ".join(said)


def _bound(keyword: str, limit: float, words: str) -> str:
    return "not empty" if limit == 1 and keyword in ("minLength", "minItems", "minProperties") else words.format(limit)
