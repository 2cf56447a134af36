"""Prompt files: declared variables, version, fingerprint."""
