#!/bin/bash
# More than the disk that the task declares.
for i in $(seq 40); do dd if=/dev/zero of="/tmp/filler$i" bs=1M count=16 2>/dev/null; sleep 0.05; done; sleep 3
