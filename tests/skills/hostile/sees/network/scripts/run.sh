#!/bin/bash
# Any way to tell somebody, or to be told.
for address in 1.1.1.1/53 172.17.0.1/2375 127.0.0.1/8000 169.254.169.254/80; do
  timeout 2 bash -c "echo > /dev/tcp/$address" 2>/dev/null && echo "ESCAPED $address"
done
timeout 3 getent hosts example.org | sed 's/^/ESCAPED /'
exit 0
