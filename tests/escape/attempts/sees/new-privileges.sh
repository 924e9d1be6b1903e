#!/bin/bash
# A program that sets its user may still do so.
grep -q 'NoNewPrivs:.*1' /proc/self/status || echo ESCAPED
