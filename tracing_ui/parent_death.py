"""A child that does not outlive its parent, however the parent dies."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(parent_pid: int, signal_number: signal.Signals) -> None:
    """Has the kernel send us this signal when our parent dies. For `preexec_fn`; on Linux only."""
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent_pid:  # it died between fork and here, and nobody will tell us
        os.kill(os.getpid(), signal_number)
