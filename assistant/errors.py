"""Errors a person can cause or mend, as two Chinese sentences and an exit code.

The tree::

    AssistantError            anything the user is told in words (exit code 2)
    ├── InputError            what was given cannot be used: a value, an option, a file's content
    │   └── UnreadableFile    a file that cannot be opened or read as what it claims to be
    ├── SettingsError         settings that contradict each other or are missing
    ├── WorkspaceError        the workspace cannot be read or written (permission, disk, lock)
    ├── StoreError            the index is unusable and could not be rebuilt
    └── ModelError            the model endpoint failed; carries the kind, whether a retry may help, and what had arrived

``cli.app`` turns each into ``错误：…`` and ``建议：…`` on stderr. Anything else is a defect of ours and surfaces as such.
"""

from __future__ import annotations


class AssistantError(Exception):
    """What went wrong and where (``message``), and what to do next (``hint``), both in Chinese."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or "请检查输入后重试；查看用法：assistant --help。"

    def __str__(self) -> str:
        return self.message


class InputError(AssistantError):
    """What the user gave cannot be used."""


class UnreadableFile(InputError):
    """A file cannot be opened, or is not what it claims to be."""


class SettingsError(AssistantError):
    """Settings are missing or contradict each other."""


class WorkspaceError(AssistantError):
    """The workspace cannot be read or written."""


class StoreError(AssistantError):
    """The index cannot be used and could not be rebuilt."""


class ModelError(AssistantError):
    """The model endpoint failed. ``kind`` names the fault (``auth``, ``quota``, ``rate``, ``context``, ``timeout`` …),
    ``retryable`` tells whether the same call may succeed later, ``partial`` is the text that had arrived before it broke."""

    def __init__(self, message: str, hint: str = "", *, retryable: bool = False, kind: str = "", partial: str = "") -> None:
        super().__init__(message, hint)
        self.retryable = retryable
        self.kind = kind
        self.partial = partial
