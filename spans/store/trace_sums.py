"""Whole traces in a few numbers, from the partial sums of their chunks: nothing is decoded."""

from collections.abc import Collection
from dataclasses import dataclass

from spans.otel.ids import from_halves
from spans.store import database


@dataclass(frozen=True, slots=True)
class TraceSum:
    """One trace. Second copies of a span are counted. `cids`: its chunks."""

    trace_id: str
    trace_low: int
    spans: int
    errors: int
    start_min_ns: int
    end_max_ns: int
    cids: tuple[int, ...]


# One row for each trace with one of the low halves, by primary key; twins share a low half.
SUMS = """
SELECT trace_low, trace_high, sum(spans)::bigint, sum(errors)::bigint, min(start_min_ns), max(end_max_ns),
       array_agg(cid ORDER BY cid)
  FROM spans_trace_chunk
 WHERE project_id = %(project_id)s
   AND trace_low = ANY (%(lows)s::bigint[])
 GROUP BY trace_low, trace_high
"""


def sums_of(
    trace_lows: Collection[int], *, timeout_ms: int | None = None, project_id: int = database.PROJECT
) -> dict[int, list[TraceSum]]:
    """By low half of the trace id: mostly one, more for twins.

    Raises: OutOfTime after `timeout_ms`.
    """
    asked = {"project_id": project_id, "lows": sorted(trace_lows)}
    found: dict[int, list[TraceSum]] = {}
    for low, high, spans, errors, start_ns, end_ns, cids in database.read(SUMS, asked, timeout_ms=timeout_ms):
        one = TraceSum(from_halves(high, low), low, spans, errors, start_ns, end_ns, tuple(cids))
        found.setdefault(low, []).append(one)
    return found
