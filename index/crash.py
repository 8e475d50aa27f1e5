"""Crash: the named steps at which the torture test ends a process as `kill -9` does, to see what becomes of the data.

The environment variable `CRASH_EXONYM_AT` names a step; without it `step` does nothing.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "CRASH_EXONYM_AT"
STEPS = (
    "archive-put:before-commit", "archive-put:after-commit",
    "archive-delete:before-commit", "archive-delete:after-commit",
    "archive-purge:before-commit", "archive-purge:after-commit",
    "archive-migrate:before-commit", "archive-migrate:after-commit",
    "segment:begun", "segment:before-header", "segment-header:before-rename", "segment-header:after-rename",
    "worker:built",
    "merge:begun", "merge:written", "merge:taken-up",
    "column:before-rename", "column:after-rename",
    "stories:removed", "stories:added", "stories:published",
    "keys:begun", "keys:written", "keys:noted", "keys:one-removed",
    "names:before-rename", "names:after-rename",
    "rebuild:begun", "rebuild:built",
    "publish:begun", "publish:before-rename", "publish:after-rename", "publish:swept", "sweep:one-removed",
    "backup:begun", "backup:copied", "backup:before-rename", "backup:after-rename",
    "restore:copied", "restore:cleared", "restore-file:before-rename", "restore-file:after-rename",
    "restore:before-replace", "restore:replaced",
)
"""Every step there is, in the order of a life."""


def step(name: str) -> None:
    """End this process here and now if it was started to end at the step `name`."""
    if os.environ.get(VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
