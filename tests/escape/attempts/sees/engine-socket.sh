#!/bin/bash
# The engine's socket is there.
find / -name 'docker.sock' -o -name 'containerd.sock' 2>/dev/null | grep -q . && echo ESCAPED
