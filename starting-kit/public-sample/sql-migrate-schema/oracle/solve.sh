#!/bin/bash
set -euo pipefail
cat /srv/toolshed/target.sql

# What is in there, and what does the mess look like?
cat > /root/look.py <<'PY'
import sqlite3

db = sqlite3.connect("file:/srv/toolshed/toolshed.db?mode=ro", uri=True)
for kind, name, sql in db.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall():
    print(sql)
    if kind == "table":
        print(*db.execute(f"SELECT * FROM {name} ORDER BY id DESC LIMIT 15"), sep="\n")
PY
python3 /root/look.py

# The new tables come first: none of them has the name of an old one.
cp /srv/toolshed/target.sql /root/migrate.sql
cat >> /root/migrate.sql <<'SQL'

BEGIN;

-- Every text that stands where a date should, with the day that it means. date() alone gives the 31st of February back;
-- with a step of no days it is the 3rd of March, so a day counts only where it comes back as it was.
CREATE TEMP TABLE day AS
WITH seen (raw) AS (
    SELECT since FROM people UNION SELECT taken FROM lendings UNION SELECT due FROM lendings
    UNION SELECT back FROM lendings UNION SELECT day FROM payments
),
plain AS (SELECT raw, trim(raw) AS text FROM seen WHERE trim(raw) <> ''),
dotted AS (
    SELECT raw, substr(text, 1, instr(text, '.') - 1) AS d, substr(text, instr(text, '.') + 1) AS rest
    FROM plain WHERE text GLOB '[0-9]*.[0-9]*.[0-9]*' AND text NOT GLOB '*[^0-9.]*'
),
parts AS (
    SELECT raw, d, substr(rest, 1, instr(rest, '.') - 1) AS m, substr(rest, instr(rest, '.') + 1) AS y FROM dotted
),
read (raw, day) AS (
    SELECT raw, substr(text, 1, 10) FROM plain
    WHERE text GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' OR substr(text, 11, 1) IN ('T', ' ')
    UNION
    SELECT raw, printf('%s-%02d-%02d', y, m, d) FROM parts WHERE length(d) < 3 AND length(m) < 3 AND length(y) = 4
    UNION
    SELECT raw, date(text, 'unixepoch') FROM plain WHERE text NOT GLOB '*[^0-9]*' AND length(text) IN (9, 10)
)
SELECT raw, day FROM read WHERE day = date(day, '+0 days');

-- people: the address first, since it says who is the same person.
CREATE TEMP TABLE person AS
SELECT id, lower(trim(mail)) AS email, nullif(trim(name), '') AS name, phone,
       (SELECT day FROM day WHERE raw = since) AS joined_on
FROM people;

INSERT INTO rejected
SELECT 'people', id, 'email' FROM person
WHERE email IS NULL OR email NOT LIKE '%_@_%' OR email LIKE '%@%@%' OR email LIKE '% %';
DELETE FROM person WHERE id IN (SELECT source_id FROM rejected WHERE source = 'people');

CREATE TEMP TABLE same AS
SELECT id, min(id) OVER (PARTITION BY email) AS member_id, email FROM person;

-- A phone loses its other signs one by one.
CREATE TEMP TABLE phone AS
WITH RECURSIVE sign (id, done, rest) AS (
    SELECT id, '', phone FROM person WHERE phone IS NOT NULL
    UNION ALL
    SELECT id, done || CASE WHEN rest GLOB '[0-9+]*' THEN substr(rest, 1, 1) ELSE '' END, substr(rest, 2)
    FROM sign WHERE rest <> ''
)
SELECT id, CASE WHEN done LIKE '00%' THEN '+' || substr(done, 3) ELSE done END AS phone
FROM sign WHERE rest = '' AND done <> '';

INSERT INTO member (id, name, email, phone, joined_on)
SELECT member_id,
       coalesce((SELECT p.name FROM person p WHERE p.email = s.email AND p.name IS NOT NULL ORDER BY p.id LIMIT 1),
                substr(email, 1, instr(email, '@') - 1)),
       email,
       (SELECT p.phone FROM phone p JOIN same o USING (id) WHERE o.email = s.email ORDER BY p.id LIMIT 1),
       (SELECT min(p.joined_on) FROM person p WHERE p.email = s.email)
FROM same s WHERE id = member_id;

-- tools
CREATE TEMP TABLE thing AS
SELECT id, nullif(upper(trim(code)), '') AS code, nullif(trim(title), '') AS title,
       coalesce(nullif(lower(trim(kind)), ''), 'other') AS kind, lower(replace(coalesce(tags, ''), ';', ',')) AS tags,
       replace(replace(replace(value, ' ', ''), '€', ''), 'EUR', '') AS value
FROM tools;

INSERT INTO rejected
SELECT 'tools', id, CASE WHEN code IS NULL THEN 'code' WHEN title IS NULL THEN 'title' ELSE 'duplicate' END
FROM thing t
WHERE code IS NULL OR title IS NULL
   OR id < (SELECT max(o.id) FROM thing o WHERE o.code = t.code AND o.title IS NOT NULL);
DELETE FROM thing WHERE id IN (SELECT source_id FROM rejected WHERE source = 'tools');

INSERT INTO kind (id, name) SELECT row_number() OVER (ORDER BY kind), kind FROM (SELECT DISTINCT kind FROM thing);

INSERT INTO tool (code, title, kind_id, value_cents)
SELECT code, title, (SELECT k.id FROM kind k WHERE k.name = thing.kind),
       CASE WHEN value NOT GLOB '[0-9]*' OR value NOT GLOB '*[0-9]' OR value GLOB '*[^0-9.,]*' OR value GLOB '*[.,][.,]*' THEN NULL
            WHEN value GLOB '*[.,][0-9]' THEN replace(replace(value, '.', ''), ',', '') * 10
            WHEN value GLOB '*[.,][0-9][0-9]' THEN replace(replace(value, '.', ''), ',', '') * 1
            ELSE replace(replace(value, '.', ''), ',', '') * 100 END
FROM thing;

INSERT INTO tool_tag (tool_code, tag)
WITH RECURSIVE split (code, tag, rest) AS (
    SELECT code, '', tags || ',' FROM thing
    UNION ALL
    SELECT code, trim(substr(rest, 1, instr(rest, ',') - 1)), substr(rest, instr(rest, ',') + 1) FROM split WHERE rest <> ''
)
SELECT DISTINCT code, tag FROM split WHERE tag <> '';

-- lendings
CREATE TEMP TABLE lending AS
SELECT id, (SELECT member_id FROM same WHERE same.id = person) AS member_id,
       (SELECT code FROM thing WHERE code = upper(trim(tool))) AS code,
       (SELECT day FROM day WHERE raw = taken) AS taken, (SELECT day FROM day WHERE raw = due) AS due,
       (SELECT day FROM day WHERE raw = back) AS back, nullif(trim(back), '') IS NOT NULL AS is_back
FROM lendings;

INSERT INTO rejected
SELECT 'lendings', id, reason FROM (
    SELECT id, CASE WHEN member_id IS NULL THEN 'person' WHEN code IS NULL THEN 'tool' WHEN taken IS NULL THEN 'taken'
                    WHEN is_back AND (back IS NULL OR back < taken) THEN 'back' END AS reason
    FROM lending
) WHERE reason IS NOT NULL;
DELETE FROM lending WHERE id IN (SELECT source_id FROM rejected WHERE source = 'lendings');

INSERT INTO loan (id, member_id, tool_code, taken_on, due_on, back_on)
SELECT id, member_id, code, taken, CASE WHEN due >= taken THEN due ELSE date(taken, '+28 days') END,
       coalesce(back, lead(taken) OVER (PARTITION BY code ORDER BY taken, id))
FROM lending;

-- payments: an amount that could not be read as a number has stayed a text.
INSERT INTO rejected
SELECT 'payments', id, CASE WHEN lending IN (SELECT id FROM loan) THEN 'amount' ELSE 'lending' END
FROM payments
WHERE lending IS NULL OR lending NOT IN (SELECT id FROM loan)
   OR typeof(amount) NOT IN ('integer', 'real') OR round(amount * 100) = 0;

INSERT INTO payment (id, loan_id, cents, paid_on)
SELECT p.id, p.lending, CAST(round(p.amount * 100) AS INTEGER), coalesce((SELECT day FROM day WHERE raw = p.day), l.taken_on)
FROM payments p JOIN loan l ON l.id = p.lending
WHERE p.id NOT IN (SELECT source_id FROM rejected WHERE source = 'payments');

DROP TABLE temp.day;
DROP TABLE temp.person;
DROP TABLE temp.same;
DROP TABLE temp.phone;
DROP TABLE temp.thing;
DROP TABLE temp.lending;
DROP VIEW overdue;
DROP TABLE payments;
DROP TABLE lendings;
DROP TABLE tools;
DROP TABLE people;

COMMIT;
SQL

# Try it on a copy, as it will be run, and look at what became of each table.
cat > /root/try.py <<'PY'
import sqlite3

db = sqlite3.connect(":memory:")
sqlite3.connect("/srv/toolshed/toolshed.db").backup(db)
db.execute("PRAGMA foreign_keys = ON")
db.executescript(open("/root/migrate.sql", encoding="utf-8").read())
print(db.execute("PRAGMA foreign_key_check").fetchall())
for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").fetchall():
    if name != "loan_open":
        print(name, db.execute(f"SELECT count(*) FROM {name}").fetchone())
        print(*db.execute(f"SELECT * FROM {name} LIMIT 4"), sep="\n")
print(*db.execute("SELECT source, reason, count(*) FROM rejected GROUP BY 1, 2"), sep="\n")
PY
python3 /root/try.py
