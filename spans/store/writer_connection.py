"""What a writer keeps with its connection: its number, the server's clock, the last chunk id."""

import secrets
import time
from collections.abc import Callable
from datetime import date

import psycopg

from spans import limits
from spans.store.partitions import CID_TIME_SHIFT, day_of_ns

WRITER_SHIFT = 12
CLOCK_CHECKED_EVERY_S = 3600
SERVER_NS = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint"


class Stamps:
    """Chunk ids of one writer: `unix_ms << 21 | writer << 12`, always later than its last.

    The time is the server's, so that receivers on several machines agree on the day; `clock` replaces it.
    """

    def __init__(self, clock: Callable[[], int] | None) -> None:
        self.clock = clock
        self.offset_ns = 0
        self.checked_s: float | None = None
        self.last_ms = 0
        self.renew()

    def renew(self) -> None:
        """Another number, after a clash with another writer or for a new connection."""
        self.writer = secrets.randbelow(limits.WRITERS_MAX)

    def check_clock(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        """Asks the server for its time, once an hour."""
        now_s = time.monotonic()
        if self.clock or (self.checked_s is not None and now_s < self.checked_s + CLOCK_CHECKED_EVERY_S):
            return
        row = connection.execute(SERVER_NS).fetchone()
        assert row
        assert isinstance(row[0], int)
        self.offset_ns = row[0] - time.time_ns()
        self.checked_s = now_s

    def now_ns(self) -> int:
        return self.clock() if self.clock else time.time_ns() + self.offset_ns

    def next_cid(self) -> int:
        """The id of the next flush's first chunk."""
        self.last_ms = max(self.now_ns() // 10**6, self.last_ms + 1)
        return self.last_ms << CID_TIME_SHIFT | self.writer << WRITER_SHIFT


def day_of_cid(cid: int) -> date:
    """The UTC day of arrival that a chunk belongs to."""
    return day_of_ns((cid >> CID_TIME_SHIFT) * 10**6)
