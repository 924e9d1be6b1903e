"""What of a run may be published, and the words that go with it."""
