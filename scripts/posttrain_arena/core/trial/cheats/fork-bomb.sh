#!/bin/bash
# So many processes that nothing else can start.
# shellcheck disable=SC2264
bomb() { bomb | bomb & }
bomb
sleep 0.2
