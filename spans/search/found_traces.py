"""Traces that were met on the walk → what the list shows of them, and their place in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spans.otel.ids import halves
from spans.otel.span import StatusCode
from spans.search.bounds import TraceFacts, bounds_of
from spans.search.cursor import Position
from spans.search.deadline import Deadline
from spans.search.matching_spans import Order, in_window
from spans.search.plan import Plan
from spans.search.prove import Prover
from spans.store.trace_sums import sums_of
from spans.trace.columns import Trace
from spans.trace.load import load_traces
from spans.trace.summary import ServiceShare, summarise

SUMMARY_SPANS_MAX = 5_000  # the critical path of a larger trace costs more than a page may: 10 µs a span


@dataclass(frozen=True, slots=True)
class Matched:
    """The matching span that gives a trace its place in the list."""

    service: str
    name: str
    span_id: str
    start_ns: int
    duration_ns: int
    is_error: bool


@dataclass(frozen=True, slots=True)
class FoundTrace:
    """One line of the list. `services` by share of the critical path; in very large traces by spans."""

    trace_id: str
    root_service: str
    root_name: str
    root_is_missing: bool
    start_ns: int
    duration_ns: int
    spans: int
    errors: int
    services: tuple[ServiceShare, ...]
    matched: Matched
    matches: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trace that matches, and its place in the order asked. Shape: `best` is the row that gives it that."""

    place: Position
    trace: Trace
    best: int
    matches: int


class Resolver:
    """Looks at whole traces: which of their spans match, and so where each stands in the list."""

    def __init__(self, plan: Plan, order: Order, prover: Prover, deadline: Deadline) -> None:
        self._plan, self._order, self._prover, self._deadline = plan, order, prover, deadline

    def resolve(self, trace_lows: Sequence[int]) -> Iterator[Candidate]:
        """The traces with these low halves that match, in no order.

        Raises: OutOfTime.
        """
        sums = sums_of(trace_lows, timeout_ms=self._deadline.left_ms())
        ids = [one.trace_id for twins in sums.values() for one in twins]
        for trace in load_traces(ids, timeout_ms=self._deadline.left_ms()).values():
            rows = self._matching_rows(trace)
            if len(rows):
                yield self._found(trace, rows)

    def _matching_rows(self, trace: Trace) -> NDArray[np.int64]:
        facts = TraceFacts(trace)
        self._plan.attributes.look_into(facts.cid)
        bounds = bounds_of(self._plan.condition, facts, self._plan.attributes)
        may = bounds.may
        if self._plan.zones.window is not None:
            may = may & in_window(trace.start_ns, self._plan.zones.window)
        rows = np.flatnonzero(may)
        is_open = ~bounds.must[rows]
        keep = ~is_open
        keep[is_open] = self._prover.at_places(facts.cid[rows[is_open]], trace.place[rows[is_open]])
        return rows[keep]

    def _found(self, trace: Trace, rows: NDArray[np.int64]) -> Candidate:
        top_ns = (trace.start_ns if self._order is Order.NEWEST else trace.duration_ns)[rows]
        span_id = trace.span_id.view(np.int64)[rows]
        best = int(rows[np.lexsort((span_id, top_ns))[-1]])
        high, low = halves(trace.trace_id)
        place = Position(int(top_ns.max()), int(trace.span_id.view(np.int64)[best]), low, high)
        return Candidate(place, trace, best, len(rows))


def line_of(candidate: Candidate) -> FoundTrace:
    """What the list shows of a trace."""
    trace, best = candidate.trace, candidate.best
    matched = Matched(
        service=trace.services[int(trace.service[best])],
        name=trace.names[int(trace.name[best])],
        span_id=trace.span_hex(best),
        start_ns=int(trace.start_ns[best]),
        duration_ns=int(trace.duration_ns[best]),
        is_error=bool(trace.status[best] == StatusCode.ERROR),
    )
    root, root_is_missing, services = _root_and_services(trace)
    return FoundTrace(
        trace_id=trace.trace_id,
        root_service=trace.services[int(trace.service[root])],
        root_name=trace.names[int(trace.name[root])],
        root_is_missing=root_is_missing,
        start_ns=trace.start_min_ns,
        duration_ns=trace.end_max_ns - trace.start_min_ns,
        spans=trace.n,
        errors=int((trace.status == StatusCode.ERROR).sum()),
        services=services,
        matched=matched,
        matches=candidate.matches,
    )


def _root_and_services(trace: Trace) -> tuple[int, bool, tuple[ServiceShare, ...]]:
    """(row of the root, whether it only stands in for one that is not stored, the services)."""
    if trace.n <= SUMMARY_SPANS_MAX:
        summary = summarise(trace)
        return summary.root_row, summary.root_is_missing, summary.services
    roots = np.flatnonzero(trace.parent_id == 0)
    return int(roots[0]) if len(roots) else 0, not len(roots), _by_spans(trace)


def _by_spans(trace: Trace) -> tuple[ServiceShare, ...]:
    spans = np.bincount(trace.service, minlength=len(trace.services))
    errors = np.bincount(trace.service[trace.status == StatusCode.ERROR], minlength=len(trace.services))
    ranked = np.argsort(-spans, kind="stable").tolist()
    return tuple(
        ServiceShare(trace.services[i], spans[i] / trace.n, int(spans[i]), int(errors[i])) for i in ranked
    )
