"""Benchmarks: what the program costs beside what one would use instead. Not part of the package."""
