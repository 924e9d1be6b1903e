#!/bin/bash
# The user is changed.
python3 -c 'import os; os.setuid(65534)' && echo ESCAPED
