"""Answers prompts with a model; it stands alone, for containers without the arena's package."""
