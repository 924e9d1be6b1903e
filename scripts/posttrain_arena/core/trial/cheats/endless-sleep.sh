#!/bin/bash
# An agent that never ends.
sleep infinity
