#!/bin/bash
# The kernel takes a magic key.
echo h >/proc/sysrq-trigger && echo ESCAPED
