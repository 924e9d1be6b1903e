"""Benchmarks of the track agents: their contract, and how answers are judged."""
