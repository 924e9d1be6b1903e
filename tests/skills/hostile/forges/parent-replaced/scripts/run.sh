#!/bin/bash
# The folder above the mount replaced by a link, so that the machine would copy from elsewhere.
mv ~/.agents ~/moved && ln -s /etc ~/.agents
rm -f ~/answer; ln -s /verifier/expected.txt ~/answer
