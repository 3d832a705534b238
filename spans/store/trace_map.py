"""Trace id → its chunks, with partial sums of that trace in each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spans.otel.ids import from_halves, halves
from spans.otel.span import StatusCode
from spans.store import database
from spans.store.copy_buffers import fixed_rows

COLUMNS = "project_id, trace_low, trace_high, cid, spans, errors, start_min_ns, end_max_ns"

# By primary key.
CHUNKS_OF = """
SELECT trace_low, trace_high, cid, spans, errors, start_min_ns, end_max_ns
  FROM spans_trace_chunk
 WHERE project_id = %(project_id)s
   AND trace_low = ANY (%(lows)s::bigint[])
 ORDER BY cid
"""
# By primary key: one low half is a handful of ids.
TWINS_OF = """
SELECT DISTINCT trace_high
  FROM spans_trace_chunk
 WHERE project_id = %(project_id)s
   AND trace_low = %(low)s::bigint
   AND trace_high <> %(high)s::bigint
 LIMIT 10
"""


@dataclass(frozen=True, slots=True)
class TraceChunk:
    """What one chunk holds of one trace. Second copies of a span are counted."""

    trace_id: str
    cid: int
    spans: int
    errors: int
    start_min_ns: int
    end_max_ns: int


def chunks_of(
    trace_ids: Sequence[str], *, timeout_ms: int | None = None, project_id: int = database.PROJECT
) -> dict[str, list[TraceChunk]]:
    """By trace id (32 hex digits), by cid ascending; an id that is not stored is absent."""
    asked = set(trace_ids)
    lows = sorted({halves(trace_id)[1] for trace_id in asked})
    rows = database.read(CHUNKS_OF, {"project_id": project_id, "lows": lows}, timeout_ms=timeout_ms)
    found: dict[str, list[TraceChunk]] = {}
    for low, high, *sums in rows:
        trace_id = from_halves(high, low)
        if trace_id in asked:
            found.setdefault(trace_id, []).append(TraceChunk(trace_id, *sums))
    return found


def twins_of(trace_id: str, *, project_id: int = database.PROJECT) -> list[str]:
    """Other stored ids with the same low half: the 64-bit form of a 128-bit id, or the other way round."""
    high, low = halves(trace_id)
    rows = database.read(TWINS_OF, {"project_id": project_id, "low": low, "high": high})
    return sorted(from_halves(row[0], low) for row in rows)


def trace_rows(project_id: int, cid: int, columns: Mapping[str, NDArray[Any]]) -> tuple[bytes, int]:
    """(the flush's rows as COPY has them, how many). Columns sorted by trace, with `chunk`."""
    low, high, chunk = columns["trace_low"], columns["trace_high"], columns["chunk"]
    changes = (low[1:] != low[:-1]) | (high[1:] != high[:-1]) | (chunk[1:] != chunk[:-1])
    starts = np.flatnonzero(np.concatenate([[True], changes]))
    errors = np.add.reduceat((columns["status"] == StatusCode.ERROR).astype(np.int32), starts)
    end_ns = columns["start_ns"] + columns["duration_ns"]
    return fixed_rows({
        "project_id": (">i4", project_id), "trace_low": (">i8", low[starts]),
        "trace_high": (">i8", high[starts]), "cid": (">i8", cid + chunk[starts]),
        "spans": (">i4", np.diff(starts, append=len(low))),
        "errors": (">i4", errors), "start_min_ns": (">i8", np.minimum.reduceat(columns["start_ns"], starts)),
        "end_max_ns": (">i8", np.maximum.reduceat(end_ns, starts)),
    }, len(starts)), len(starts)  # fmt: skip
