#!/bin/bash
# A module is loaded.
python3 - <<'PYTHON'
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.syscall(175, 0, 0, b"")
print("" if answer < 0 else "ESCAPED")
PYTHON
