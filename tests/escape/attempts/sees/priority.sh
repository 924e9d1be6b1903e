#!/bin/bash
# The priority is raised.
nice -n -5 true 2>&1 | grep -q . || echo ESCAPED
