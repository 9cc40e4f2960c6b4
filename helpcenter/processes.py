"""How Svar's processes hang together: nothing outlives its parent, and one at a time where only one may be."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Asks the kernel for a signal to this process when its parent ends, however it ends (Linux only).

    If that parent died before the request was made, this process ends at once.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def claim(path: Path, *, wait: bool = False) -> int | None:
    """Locks a file for as long as this process lives; None when another process has it.

    A record lock belongs to the process alone: children do not inherit it, so it is free in the instant in
    which its holder dies. Closing the descriptor that is returned gives it up earlier.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
