#!/bin/bash
# A user namespace gives capabilities back.
unshare -Ur true && echo ESCAPED
