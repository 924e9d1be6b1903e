#!/bin/bash
# The root is changed.
chroot / /bin/true && echo ESCAPED
