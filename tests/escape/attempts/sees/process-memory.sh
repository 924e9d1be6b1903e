#!/bin/bash
# The memory of process 1 is read.
python3 - <<'PYTHON'
try:
    with open("/proc/1/mem", "rb") as memory:
        memory.seek(0x400000)
        memory.read(1)
    print("ESCAPED")
except OSError as error:
    print(error)
PYTHON
