"""Drafting: a request becomes a goal table with the source of every number."""
