#!/bin/bash
# Process 1 is ended.
kill -9 1 && echo ESCAPED
