"""What a run of the track agents needs of the machine: Python for its container, scoring, copies, keys, GPUs."""
