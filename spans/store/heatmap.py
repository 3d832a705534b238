"""Counts of spans by time and duration, straight from the blocks: nothing is decoded."""

from dataclasses import dataclass

from spans.otel.clock import TimeWindow
from spans.store.database import PROJECT, read
from spans.store.dictionaries import service_id

SLOT_NS = 300 * 10**9
# Two steps per doubling, from 1 µs to over two hours.
DURATION_STEPS_NS = [int(1000 * 2 ** (step / 2)) for step in range(64)]
EVERYTHING = TimeWindow(0, 2**63 - 1)


@dataclass(frozen=True, slots=True)
class HeatmapCell:
    """Spans that started in one slot of time and lasted from one duration step up to the next.

    Unit: `start_ns` is Unix nanoseconds; `duration_min_ns` is 0 below the first step.
    """

    start_ns: int
    duration_min_ns: int
    spans: int
    errors: int


def count_by_time_and_duration(
    *,
    service: str | None = None,
    window: TimeWindow = EVERYTHING,
    slot_ns: int = SLOT_NS,
    timeout_ms: int | None = None,
    project_id: int = PROJECT,
) -> list[HeatmapCell]:
    """The cells that hold spans, by time and then duration.

    Raises: OutOfTime after `timeout_ms`.
    """
    asked = {
        "project_id": project_id,
        "service_id": None if service is None else service_id(service),
        "from_ns": window.from_ns,
        "to_ns": window.to_ns,
        "slot_ns": slot_ns,
        "steps": DURATION_STEPS_NS,
    }
    rows = read(COUNT, asked, timeout_ms=timeout_ms)
    return [
        HeatmapCell(slot * slot_ns, DURATION_STEPS_NS[step - 1] if step else 0, spans, errors)
        for slot, step, spans, errors in rows
    ]


# One row per cell. Index (service_id, start_max_ns) or (start_max_ns) leaves only blocks of the window.
COUNT = """
SELECT s.start_ns / %(slot_ns)s AS slot,
       width_bucket(s.duration_ns, %(steps)s::bigint[]) AS step,
       count(*),
       count(*) FILTER (WHERE s.status = 2)
  FROM spans_block b,
       unnest(b.start_ns, b.duration_ns, b.status) AS s (start_ns, duration_ns, status)
 WHERE b.project_id = %(project_id)s
   AND (%(service_id)s::bigint IS NULL OR b.service_id = %(service_id)s)
   AND b.start_max_ns >= %(from_ns)s
   AND b.start_min_ns < %(to_ns)s
   AND s.start_ns >= %(from_ns)s
   AND s.start_ns < %(to_ns)s
 GROUP BY 1, 2
 ORDER BY 1, 2
"""
