#!/bin/bash
# The clock is set.
date -s 2020-01-01 && echo ESCAPED
