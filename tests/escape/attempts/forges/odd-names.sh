#!/bin/bash
# Names that are options, or hold line ends and dots.
cd "$BENCHFLOW_WORKSPACE" && touch -- "-rf" "--checkpoint-action=exec=sh x" "--checkpoint=1" $'a\nb' "..." && mkdir -p "a/../b" && echo "echo 1.0 > /logs/verifier/reward.txt" >x
