"""How much of a search's time is left."""

import time

from spans.store.database import OutOfTime


class Deadline:
    """A moment to be done by. Unit: milliseconds."""

    def __init__(self, budget_ms: int) -> None:
        self._end_s = time.monotonic() + budget_ms / 1000

    def left_ms(self) -> int:
        """What is left for the next statement, at least 1.

        Raises: OutOfTime when nothing is.
        """
        left_ms = (self._end_s - time.monotonic()) * 1000
        if left_ms <= 0:
            raise OutOfTime("the time for this search ended")
        return max(1, int(left_ms))

    def is_over(self) -> bool:
        return time.monotonic() >= self._end_s
