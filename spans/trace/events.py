"""When the events of a trace happened, for the marks on its bars."""

import msgspec
import numpy as np
from google.protobuf.message import DecodeError

from spans.formats.otlp_lite import parse_event, parse_span
from spans.limits import EVENT_MARKS_PER_SPAN_MAX
from spans.store import trace_reader
from spans.trace.columns import Trace


def event_offsets(trace: Trace) -> bytes:
    """{"rev", "rows", "offsets"} as JSON: how long after the start of its span each event happened.

    Shape: rows ascending; at most EVENT_MARKS_PER_SPAN_MAX offsets each, ascending.
    Unit: nanoseconds; negative for an event before its span.
    """
    rows = np.flatnonzero(trace.events)
    cids = [trace.cids[chunk] for chunk in trace.chunk[rows].tolist()]
    row_at = dict(zip(zip(cids, trace.place[rows].tolist(), strict=True), rows.tolist(), strict=True))
    places: dict[int, list[int]] = {}
    for cid, place in row_at:
        places.setdefault(cid, []).append(place)
    offsets: dict[int, list[int]] = {}
    for head, body in trace_reader.chunks(list(places)):
        for place in places[head.cid]:
            row, start_ns = row_at[head.cid, place], int(head.start_ns[place])
            offsets[row] = sorted(at - start_ns for at in _times_ns(body.spans[place]))[
                :EVENT_MARKS_PER_SPAN_MAX
            ]
    shown = sorted(row for row, of_row in offsets.items() if of_row)
    return msgspec.json.encode({"rev": trace.rev, "rows": shown, "offsets": [offsets[row] for row in shown]})


def _times_ns(raw: bytes) -> list[int]:
    """Times of the events in the bytes of a span; those that were not set or can't be read are left out."""
    try:
        times = [parse_event(event).time for event in parse_span(raw).events]
    except DecodeError:
        return []
    return [time_ns for time_ns in times if time_ns]
