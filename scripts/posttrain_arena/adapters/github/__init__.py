"""GitHub's API, as far as the arena's bot needs it."""
