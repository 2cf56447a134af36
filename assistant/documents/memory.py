"""A bound on the memory of a process that reads one file, so that a hostile file ends that process and not the machine's work."""

from __future__ import annotations


def limit(most: int) -> None:
    """Let this process have at most ``most`` bytes, or less where the machine already allows less. Does nothing on Windows."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    cap = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (cap, hard))
