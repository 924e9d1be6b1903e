#!/bin/bash
# Everything that can be ended is.
kill -9 -1
