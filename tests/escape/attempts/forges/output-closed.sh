#!/bin/bash
# The shell closes its own output.
exec >&- 2>&-
