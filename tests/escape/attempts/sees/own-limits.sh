#!/bin/bash
# The limits of the container are raised from within.
for limit in /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max; do
  echo 99999999999 >"$limit" && echo ESCAPED
done
