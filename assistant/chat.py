"""The conversation over the other modules."""
