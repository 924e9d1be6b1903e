#!/bin/bash
# There is an interface besides loopback.
find /sys/class/net -mindepth 1 -not -name lo | grep -q . && echo ESCAPED
