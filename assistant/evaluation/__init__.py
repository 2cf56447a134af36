"""Evaluation: suites of cases, solvers that put them to the program, scorers, intervals, paired comparison, gate and report.

``cases`` and ``runs`` are plain files; ``engine`` is the door to inspect-ai (the ``[evals]`` extra); everything else is importable
without it. A score is 0 to 1 with a reason beside it; an error is never a zero.
"""
