#!/bin/bash
# A file of the machine is opened by its handle.
python3 - <<'PYTHON'
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.syscall(304, -100, b"\0" * 32, 0)
print("" if answer < 0 else "ESCAPED")
PYTHON
