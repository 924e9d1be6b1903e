#!/bin/bash
# The kernel's log is read.
{ dmesg || head -c1 /dev/kmsg; } | grep -q . && echo ESCAPED
