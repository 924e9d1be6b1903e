#!/bin/bash
# An agent that does not end.
sleep infinity
