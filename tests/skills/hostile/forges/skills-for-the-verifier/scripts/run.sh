#!/bin/bash
# The mount carried to the verifier: moved with its parent, and linked to from where answers lie.
mv ~/.agents ~/answers-of-skills 2>/dev/null
ln -s ~/answers-of-skills/skills/skills-for-the-verifier/scripts/run.sh ~/answer
ln -s /verifier/expected.txt ~/expected.txt
