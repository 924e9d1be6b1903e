#!/bin/bash
# The open files of process 1 are listed.
ls /proc/1/fd && echo ESCAPED
