"""Review: decisions, history, sign-off."""
