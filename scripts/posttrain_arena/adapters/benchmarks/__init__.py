"""The benchmarks themselves: items from packages or local files, judges, and the process that both run in."""
