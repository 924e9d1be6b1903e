#!/bin/bash
set -u
pip install pandas
