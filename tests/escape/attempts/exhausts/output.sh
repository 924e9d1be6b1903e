#!/bin/bash
# Output without end.
timeout 3 yes ESC
