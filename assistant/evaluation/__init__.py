"""Evaluation: suites, scorers, paired comparison."""
