#!/bin/bash
# Makes the new tables, moves nothing and drops the old ones.
set -euo pipefail
{
  cat /srv/toolshed/target.sql
  echo "DROP VIEW overdue; DROP TABLE payments; DROP TABLE lendings; DROP TABLE tools; DROP TABLE people;"
} > /root/migrate.sql
