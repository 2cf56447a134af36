"""Coverage-guided fuzzing of everything that takes what others wrote: values, requests, model answers, drafts, small files, documents.

``make fuzz`` (or ``python -m fuzz``) runs it; ``tests/test_fuzz.py`` replays every seed and every case found. Not part of the package.
"""
