#!/bin/bash
# The kernel's memory is read.
{ head -c1 /proc/kcore; head -c1 /dev/mem; } | grep -q . && echo ESCAPED
