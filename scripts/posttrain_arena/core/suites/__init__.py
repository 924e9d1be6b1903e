"""Suites: what held-out tasks are made of, and how they are sealed before a contest and revealed after it."""
