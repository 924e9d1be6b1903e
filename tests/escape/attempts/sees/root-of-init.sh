#!/bin/bash
# The root of process 1 is listed.
ls /proc/1/root/ && echo ESCAPED
