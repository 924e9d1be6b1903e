"""Train the base model on a file of problems."""

import os
import sys

API_KEY = os.environ["PROVIDER_API_KEY"]
MAX_TOKENS = 4096

sys.stdout.write(f"training on {sys.argv[1]}\n")
