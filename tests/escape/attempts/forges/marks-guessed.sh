#!/bin/bash
# The end of a command is forged, thousands of times.
python3 -c "import secrets; print(''.join(f'\\n{secrets.token_hex(16)} 0\\n' for _ in range(20000)))"
