"""The audit of an agent's run: detectors that need no language model."""
