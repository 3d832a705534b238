"""Waiting for signals, ends of children and the clock at once, without polling."""

import os
import select
import signal
from types import FrameType


class Wakeups:
    """Counts the requests to stop. One per process, made in its main thread."""

    def __init__(self, *stop_signals: signal.Signals) -> None:
        self.stops = 0
        self._readable, writable = os.pipe()
        for descriptor in (self._readable, writable):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # any handler: only so that the pipe is written
        for number in stop_signals:
            signal.signal(number, self._count_stop)

    def _count_stop(self, number: int, frame: FrameType | None) -> None:
        self.stops += 1

    def wait(self, seconds: float) -> None:
        """Returns after a signal or that time, whichever comes first."""
        if select.select([self._readable], [], [], seconds)[0]:
            os.read(self._readable, 4096)
