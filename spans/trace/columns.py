"""A trace as columns, one value per span."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Trace:
    """All spans of one trace; a row is an index into its columns.

    Shape: rows sorted by (start ascending, duration descending, chunk, place); exact second copies left out.
    `services` and `names` stand in order of their first row, each once. `chunk` indexes `cids`.
    Unit: nanoseconds since the Unix epoch, int64; ids are the big-endian value as uint64, 0 = no parent.
    """

    trace_id: str
    rev: str
    cids: tuple[int, ...]
    services: tuple[str, ...]
    names: tuple[str, ...]
    start_ns: Column
    duration_ns: Column
    service: Column
    name: Column
    kind: Column
    status: Column
    flags: Column
    events: Column
    span_id: Column
    parent_id: Column
    chunk: Column
    place: Column
    duplicate: Column
    left_out: int = 0

    @property
    def n(self) -> int:
        return len(self.start_ns)

    @property
    def start_min_ns(self) -> int:
        """Start of the first span: the origin of all offsets."""
        return int(self.start_ns[0])

    @property
    def end_max_ns(self) -> int:
        return int((self.start_ns + self.duration_ns).max())

    def span_hex(self, row: int) -> str:
        return f"{int(self.span_id[row]):016x}"

    def row_of(self, span_id: str) -> int | None:
        """The first row with this span id (16 hex digits): the one that owns the children."""
        found = np.flatnonzero(self.span_id == np.uint64(int(span_id, 16)))
        return int(found[0]) if len(found) else None

    def row_at(self, cid: int, place: int) -> int | None:
        """The row stored at `place` of chunk `cid`; None when it is not of this trace or a second copy."""
        if cid not in self.cids:
            return None
        found = np.flatnonzero((self.chunk == self.cids.index(cid)) & (self.place == place))
        return int(found[0]) if len(found) else None


def rev_of(cids: Sequence[int]) -> str:
    """Eight hex digits that change exactly when the trace's chunks do."""
    packed = np.asarray(sorted(cids), dtype="<i8").tobytes()
    return hashlib.blake2b(packed).hexdigest()[:8]
