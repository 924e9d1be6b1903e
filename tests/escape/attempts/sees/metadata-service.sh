#!/bin/bash
# The cloud tells its credentials.
timeout 2 bash -c "echo > /dev/tcp/169.254.169.254/80" && echo ESCAPED
