-- The schema of release 2. The application of release 2 expects exactly this, and nothing else in the file.

CREATE TABLE member (
    id        INTEGER PRIMARY KEY,
    name      TEXT NOT NULL CHECK (name <> '' AND name = trim(name)),
    email     TEXT NOT NULL UNIQUE CHECK (email = lower(email) AND email LIKE '%_@_%'),
    phone     TEXT CHECK (phone <> '' AND phone NOT GLOB '*[^0-9+]*'),
    joined_on TEXT CHECK (joined_on = date(joined_on, '+0 days'))
) STRICT;

CREATE TABLE kind (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> '' AND name = lower(name))
) STRICT;

CREATE TABLE tool (
    code        TEXT NOT NULL PRIMARY KEY CHECK (code <> '' AND code = upper(code)),
    title       TEXT NOT NULL CHECK (title <> ''),
    kind_id     INTEGER NOT NULL REFERENCES kind (id),
    value_cents INTEGER CHECK (value_cents >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE tool_tag (
    tool_code TEXT NOT NULL REFERENCES tool (code) ON DELETE CASCADE,
    tag       TEXT NOT NULL CHECK (tag <> '' AND tag = lower(tag)),
    PRIMARY KEY (tool_code, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE loan (
    id        INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES member (id),
    tool_code TEXT NOT NULL REFERENCES tool (code),
    taken_on  TEXT NOT NULL CHECK (taken_on = date(taken_on, '+0 days')),
    due_on    TEXT NOT NULL CHECK (due_on = date(due_on, '+0 days') AND due_on >= taken_on),
    back_on   TEXT CHECK (back_on = date(back_on, '+0 days') AND back_on >= taken_on)
) STRICT;

-- A tool is out once at a time.
CREATE UNIQUE INDEX loan_open ON loan (tool_code) WHERE back_on IS NULL;

CREATE TABLE payment (
    id      INTEGER PRIMARY KEY,
    loan_id INTEGER NOT NULL REFERENCES loan (id),
    cents   INTEGER NOT NULL CHECK (cents <> 0),
    paid_on TEXT NOT NULL CHECK (paid_on = date(paid_on, '+0 days'))
) STRICT;

CREATE TABLE rejected (
    source    TEXT NOT NULL CHECK (source IN ('people', 'tools', 'lendings', 'payments')),
    source_id INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    PRIMARY KEY (source, source_id)
) STRICT, WITHOUT ROWID;
