#!/bin/bash
# A name outside is looked up.
timeout 4 getent hosts example.com && echo ESCAPED
