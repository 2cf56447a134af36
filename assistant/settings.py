"""Settings from file and environment, and where data lives."""
