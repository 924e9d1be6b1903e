"""Write arithmetic problems, one a line."""

import json
import sys

for a in range(100):
    for b in range(100):
        sys.stdout.write(json.dumps({"problem": f"{a} + {b}", "answer": str(a + b)}) + "\n")
