#!/bin/bash
# The host name is set.
hostname other && echo ESCAPED
