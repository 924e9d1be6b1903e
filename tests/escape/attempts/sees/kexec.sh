#!/bin/bash
# Another kernel is loaded.
python3 - <<'PYTHON'
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.syscall(246, 0, 0, 0, 0)
print("" if answer < 0 else "ESCAPED")
PYTHON
