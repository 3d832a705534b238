"""Traces found → rows of the list: ranks of services, bar lengths and segments, all relative to the page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from spans.search.find import FoundTrace

COLOURS = 36  # of the palette; a service beyond them shares one
NAMED_SHARES = 2  # services named under a bar
SEGMENT_MIN = 0.002  # of a trace: a thinner segment is no pixel


@dataclass(frozen=True, slots=True)
class Segment:
    """One service's part of a bar. `start` and `width` are percent of the bar, as SVG wants them."""

    service: str
    rank: int
    start: str
    width: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list. `length` is percent of the longest duration on the page."""

    trace: FoundTrace
    url: str
    rank: int
    length: str
    segments: tuple[Segment, ...]
    services_not_named: int
    more_matches: int


def rows_of(traces: Sequence[FoundTrace]) -> list[Row]:
    """The rows of one page, in the given order."""
    ranks = ranks_of(traces)
    longest_ns = longest(traces)
    return [
        Row(
            trace=trace,
            url=reverse("trace", args=[trace.trace_id]),
            rank=ranks.get(trace.root_service, 0),
            length=_percent(trace.duration_ns / longest_ns if longest_ns else 0),
            segments=_segments(trace, ranks),
            services_not_named=max(0, len(trace.services) - NAMED_SHARES),
            more_matches=max(0, trace.matches - 1),
        )
        for trace in traces
    ]


def longest(traces: Sequence[FoundTrace]) -> int:
    """The duration that fills the bar column. Unit: nanoseconds."""
    return max((trace.duration_ns for trace in traces), default=0)


def ranks_of(traces: Sequence[FoundTrace]) -> dict[str, int]:
    """Service → its colour: the more traces of the page it is in, the lower; equal ones by name."""
    seen = Counter(
        name for trace in traces for name in {trace.root_service, *(one.name for one in trace.services)}
    )
    ordered = sorted(seen, key=lambda name: (-seen[name], name))
    return {name: place % COLOURS for place, name in enumerate(ordered)}


def _segments(trace: FoundTrace, ranks: dict[str, int]) -> tuple[Segment, ...]:
    whole = sum(one.share for one in trace.services)
    if not whole:
        return (Segment(trace.root_service, ranks.get(trace.root_service, 0), "0%", "100%"),)
    segments, start = [], 0.0
    for one in trace.services:
        part = one.share / whole
        if part >= SEGMENT_MIN:
            segments.append(Segment(one.name, ranks[one.name], _percent(start), _percent(part)))
        start += part
    return tuple(segments)


def _percent(part: float) -> str:
    return f"{part * 100:.2f}%"
