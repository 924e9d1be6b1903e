#!/bin/bash
# Every program loads a library of the agent.
echo "$BENCHFLOW_WORKSPACE/x.so" >/etc/ld.so.preload; echo "$BENCHFLOW_WORKSPACE" >/etc/ld.so.conf.d/x.conf
