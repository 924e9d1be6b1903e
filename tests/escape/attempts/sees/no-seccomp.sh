#!/bin/bash
# System calls are not filtered.
grep -q 'Seccomp:.*2' /proc/self/status || echo ESCAPED
