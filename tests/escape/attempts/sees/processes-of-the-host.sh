#!/bin/bash
# Processes of the machine are visible.
[ "$(find /proc -maxdepth 1 -name '[0-9]*' | wc -l)" -gt 20 ] && echo ESCAPED
