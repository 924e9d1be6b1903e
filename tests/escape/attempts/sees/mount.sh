#!/bin/bash
# A file system is mounted.
mkdir -p /tmp/m && mount -t tmpfs none /tmp/m && echo ESCAPED
