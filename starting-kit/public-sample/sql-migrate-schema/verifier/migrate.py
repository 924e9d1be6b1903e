"""Let the agent's SQL migrate one database in memory, then say what it looks like; score.py starts this, confined.

Reads JSON from standard input: ``old`` (a dump of the database), ``script`` (the agent's), ``target`` (the new schema).
Writes JSON: ``right_schema``, ``broken_keys`` and ``rows`` (table → rows), or ``refused`` with SQLite's message.
"""

import json
import sqlite3
import sys

MOST_ROWS = 2000
LONGEST_VALUE = 1_000_000
TABLES = ("member", "kind", "tool", "tool_tag", "loan", "payment", "rejected")
REFUSED = {
    sqlite3.SQLITE_ATTACH,
    sqlite3.SQLITE_DETACH,
    sqlite3.SQLITE_CREATE_TRIGGER,
    sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
    sqlite3.SQLITE_CREATE_VTABLE,
}
PRAGMAS = ("foreign_keys", "defer_foreign_keys")

SHAPE = """
SELECT t.name, t.type, t.wr, t.strict, c.cid, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden
FROM pragma_table_list t, pragma_table_xinfo(t.name) c
WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY t.name, c.cid;
SELECT t.name, k.* FROM pragma_table_list t, pragma_foreign_key_list(t.name) k WHERE t.schema = 'main' ORDER BY 1, 2, 3;
SELECT t.name, i."unique", i.origin, i.partial, c.seqno, c.name, c."desc", c.coll, c.key
FROM pragma_table_list t, pragma_index_list(t.name) i, pragma_index_xinfo(i.name) c
WHERE t.schema = 'main' ORDER BY 1, 2, 3, 4, c.seqno, c.name;
SELECT type, name, tbl_name FROM sqlite_schema ORDER BY 1, 2, 3;
"""
"""What two equal schemas answer in the same way, whatever the blanks and comments in their text."""

PROBES = """
INSERT INTO kind VALUES (-1, 'probe')
INSERT INTO kind VALUES (-2, 'probe')
INSERT INTO kind VALUES (-2, 'Probe')
INSERT INTO kind VALUES (-2, '')
INSERT INTO kind VALUES (-2, NULL)
INSERT INTO member VALUES (-1, 'Probe', 'probe@probe.example', '+1', '2024-02-29')
INSERT INTO member VALUES (-2, 'Probe', 'probe@probe.example', NULL, NULL)
INSERT INTO member VALUES (-2, 'Probe', 'Other@probe.example', NULL, NULL)
INSERT INTO member VALUES (-2, 'Probe', '@probe.example', NULL, NULL)
INSERT INTO member VALUES (-2, ' Probe', 'other@probe.example', NULL, NULL)
INSERT INTO member VALUES (-2, '', 'other@probe.example', NULL, NULL)
INSERT INTO member VALUES (-2, 'Probe', 'other@probe.example', '', NULL)
INSERT INTO member VALUES (-2, 'Probe', 'other@probe.example', '1-2', NULL)
INSERT INTO member VALUES (-2, 'Probe', 'other@probe.example', NULL, '2023-02-29')
INSERT INTO member VALUES (-2, 'Probe', 'other@probe.example', NULL, '1.1.2024')
INSERT INTO tool VALUES ('PROBE', 'Probe', -1, 0)
INSERT INTO tool VALUES ('PROBE-2', 'Probe', -1, -1)
INSERT INTO tool VALUES ('PROBE-2', 'Probe', -1, 0.5)
INSERT INTO tool VALUES ('PROBE-2', 'Probe', -9, 0)
INSERT INTO tool VALUES ('PROBE-2', '', -1, 0)
INSERT INTO tool VALUES ('probe-2', 'Probe', -1, 0)
INSERT INTO tool VALUES ('', 'Probe', -1, 0)
INSERT INTO tool_tag VALUES ('PROBE', 'probe')
INSERT INTO tool_tag VALUES ('PROBE', 'probe')
INSERT INTO tool_tag VALUES ('PROBE', 'Probe')
INSERT INTO tool_tag VALUES ('PROBE', '')
INSERT INTO tool_tag VALUES ('PROBE-9', 'probe')
INSERT INTO loan VALUES (-1, -1, 'PROBE', '2024-02-02', '2024-02-02', NULL)
INSERT INTO loan VALUES (-2, -1, 'PROBE', '2024-02-02', '2024-02-02', NULL)
INSERT INTO loan VALUES (-2, -1, 'PROBE', '2024-02-02', '2024-02-02', '2024-02-02')
INSERT INTO loan VALUES (-3, -1, 'PROBE', '2024-02-02', '2024-02-01', '2024-02-02')
INSERT INTO loan VALUES (-3, -1, 'PROBE', '2024-02-02', '2024-02-02', '2024-02-01')
INSERT INTO loan VALUES (-3, -1, 'PROBE', '2024-02-30', '2024-03-02', '2024-03-02')
INSERT INTO loan VALUES (-3, -1, 'PROBE', '2024-02-02', '2024-02-31', '2024-03-02')
INSERT INTO loan VALUES (-3, -1, 'PROBE', '2024-02-02', '2024-02-02', '2024-02-31')
INSERT INTO loan VALUES (-3, -9, 'PROBE', '2024-02-02', '2024-02-02', '2024-02-02')
INSERT INTO loan VALUES (-3, -1, 'PROBE-9', '2024-02-02', '2024-02-02', '2024-02-02')
INSERT INTO payment VALUES (-1, -1, 1, '2024-02-02')
INSERT INTO payment VALUES (-2, -1, 0, '2024-02-02')
INSERT INTO payment VALUES (-2, -9, 1, '2024-02-02')
INSERT INTO payment VALUES (-2, -1, 1, '2024-02-30')
INSERT INTO rejected VALUES ('people', -1, 'email')
INSERT INTO rejected VALUES ('people', -1, 'other')
INSERT INTO rejected VALUES ('member', -1, 'email')
DELETE FROM kind WHERE id = -1
DELETE FROM loan WHERE id = -1
DELETE FROM loan WHERE id = -2
DELETE FROM tool WHERE code = 'PROBE'
SELECT count(*) FROM tool_tag WHERE tool_code = 'PROBE'
"""
"""What a database with the new schema must take, and must refuse."""


def allowed(action, first, *_):
    """Answer SQLite's question whether a statement may do something."""
    pragma_refused = action == sqlite3.SQLITE_PRAGMA and first.lower() not in PRAGMAS
    return sqlite3.SQLITE_DENY if action in REFUSED or pragma_refused else sqlite3.SQLITE_OK


def outcome(db, statement):
    """Return what a statement gives, or the name of its error."""
    try:
        return db.execute(statement).fetchall()
    except sqlite3.Error as error:
        return type(error).__name__


def describe(db):
    """Return the shape of a schema, and how it answers the probes, which are taken back."""
    shape = [db.execute(query).fetchall() for query in SHAPE.split(";")[:-1]]
    db.execute("BEGIN")
    answers = [outcome(db, statement) for statement in PROBES.strip().splitlines()]
    db.rollback()
    return shape, answers


def migrated(asked):
    """Return the database that the agent's script leaves."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(asked["old"])
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA temp_store = MEMORY")
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    db.set_authorizer(allowed)
    db.executescript(asked["script"])
    db.set_authorizer(None)
    if db.in_transaction:
        db.commit()
    db.execute("PRAGMA foreign_keys = ON")
    return db


def main():
    asked = json.load(sys.stdin)
    try:
        db = migrated(asked)
    except (sqlite3.Error, sqlite3.Warning, ValueError, MemoryError) as error:
        print(json.dumps({"refused": f"{type(error).__name__}: {error}"[:500]}))
        return
    target = sqlite3.connect(":memory:", isolation_level=None)
    target.executescript(asked["target"])
    target.execute("PRAGMA foreign_keys = ON")
    right_schema = describe(db) == describe(target)
    answer = {"right_schema": right_schema, "broken_keys": 0, "rows": {}}
    if right_schema:
        answer["broken_keys"] = len(db.execute("PRAGMA foreign_key_check").fetchmany(99))
        answer["rows"] = {table: db.execute(f"SELECT * FROM {table}").fetchmany(MOST_ROWS) for table in TABLES}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
