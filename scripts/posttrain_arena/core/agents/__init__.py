"""Runs of the track agents: the supervisor's rules, what counts as a model, what an agent is told."""
