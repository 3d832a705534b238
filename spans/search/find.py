"""Traces for a query: the one door into this room."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from spans.limits import CHART_POINTS_MAX, TOTAL_EXACT_MAX
from spans.otel.clock import TimeWindow
from spans.search.cursor import BadCursor, Cursor, Position, format_cursor, parse_cursor
from spans.search.deadline import Deadline
from spans.search.found_traces import Candidate, FoundTrace, Matched, Resolver, line_of
from spans.search.matching_spans import END, LOWEST, Order, Part, matching_spans
from spans.search.parse import parse
from spans.search.plan import Plan, plan_of
from spans.search.prove import Prover
from spans.store.database import OutOfTime
from spans.store.dictionaries import service_id, service_names
from spans.store.trace_sums import TraceSum, sums_of

__all__ = [
    "BadCursor", "ChartPoints", "Found", "FoundTrace", "Matched", "Order", "Search", "Total", "chart_points",
    "find_traces",
]  # fmt: skip

COUNT_BATCHES, COUNT_MS = 2, 30  # once the page is full: blocks at least, then time, spent on the total
TRACES_MIN, TRACES_MAX = 8, 64  # loaded at a time: all of their heads are in memory
LOOKED_AHEAD = 1  # traces beyond the page, to know whether there is another
LOWS_AT_ONCE = 1_000
OTHER_SERVICE = "other"


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked. `window` is half-open on the matching span's start; None: all that is stored."""

    text: str
    window: TimeWindow | None
    order: Order
    limit: int
    cursor: str | None = None
    budget_ms: int = 2_000


@dataclass(frozen=True, slots=True)
class Total:
    """Traces that match; at least so many when it is not exact."""

    count: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One page. Shape: in the order asked; a trace stands on one page only.

    `is_partial`: the time ended before the page was full; the cursor goes on from there. Newest first,
    `searched_back_to_ns` says how far it came.
    """

    traces: tuple[FoundTrace, ...]
    next_cursor: str | None
    searched_back_to_ns: int | None
    total: Total
    order: Order
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class ChartPoints:
    """One point for each trace, columns of equal length. Shape: `service` is that of the matching span."""

    trace_id: tuple[str, ...]
    start_ns: tuple[int, ...]
    duration_ns: tuple[int, ...]
    is_error: tuple[bool, ...]
    service: tuple[str, ...]
    is_complete: bool


def find_traces(asked: Search) -> Found:
    """A page of traces with a span that matches.

    Raises: ParseError, BadCursor, DatabaseAway.
    """
    query = parse(asked.text)
    digest = _digest(asked)
    cursor = parse_cursor(asked.cursor, digest) if asked.cursor else None
    page = _Page(asked, cursor)
    try:
        page.fill(plan_of(query, asked.window, page.deadline))
    except OutOfTime:
        page.is_partial = True
    return page.found(digest)


def _digest(asked: Search) -> bytes:
    """Stands for query, window and order in a cursor. A moving window may move on between pages."""
    return hashlib.blake2b(f"{asked.order}\0{asked.text}".encode(), digest_size=8).digest()


class _Page:
    """A page while it is filled."""

    def __init__(self, asked: Search, cursor: Cursor | None) -> None:
        self.asked, self.cursor = asked, cursor
        self.deadline = Deadline(asked.budget_ms)
        self.is_partial = False
        self.is_at_end = False  # all matches were met
        self.is_counted = False  # all matches were counted
        self.position = cursor.position if cursor else None  # everything above is settled
        self.seen: set[int] = set()  # low halves of the traces met
        self.counted: set[int] = set()  # of those that match
        self.ready: list[Candidate] = []  # by place, descending; the first are settled
        self.settled = 0

    def fill(self, plan: Plan) -> None:
        prover = Prover(plan.condition, self.deadline)
        resolver = Resolver(plan, self.asked.order, prover, self.deadline)
        parts = matching_spans(
            plan, self.asked.order, prover, self.deadline, below=self.position, done=self.seen
        )
        for part in parts:
            self._take(part, resolver)
            if self.settled >= self.asked.limit + LOOKED_AHEAD:
                break
        else:
            self.is_at_end = True
        if not self.is_at_end and self.cursor is None and plan.is_proved_by_columns:
            self._count(parts)

    def _take(self, part: Part, resolver: Resolver) -> None:
        """Resolves the traces of a part, in slices no larger than what the page still wants."""
        first = np.sort(np.unique(part.rows["trace_low"], return_index=True)[1])
        rows = part.rows[first]
        places = zip(*(rows[name].tolist() for name in ("top_ns", "span_id", "trace_low")), strict=True)
        fresh = {low: Position(top, span, low, LOWEST) for top, span, low in places if low not in self.seen}
        lows = list(fresh)
        self.counted.update(lows if self.cursor is None else ())
        while lows and self.settled < self.asked.limit + LOOKED_AHEAD:
            wanted = self.asked.limit + LOOKED_AHEAD - self.settled
            slice_size = min(max(TRACES_MIN, wanted), TRACES_MAX)
            some, lows = lows[:slice_size], lows[slice_size:]
            for found in resolver.resolve(some):
                if self.cursor is None or found.place < self.cursor.position:
                    self.ready.append(found)
            self.seen.update(some)
            self._settle(fresh[some[-1]])
        if not lows:
            self._settle(part.down_to)

    def _settle(self, down_to: Position) -> None:
        self.ready.sort(key=lambda one: one.place, reverse=True)
        self.settled = sum(one.place >= down_to for one in self.ready)
        self.position = down_to

    def _count(self, parts: Iterator[Part]) -> None:
        """Goes on for a moment, for the total."""
        counting, batches = Deadline(COUNT_MS), 0
        for part in parts:
            batches += part.ends_batch
            self.counted.update(part.rows["trace_low"].tolist())
            if part.down_to == END:
                self.is_counted = True
            is_late = batches >= COUNT_BATCHES and counting.is_over()
            if is_late or len(self.counted) >= TOTAL_EXACT_MAX:
                return

    def found(self, digest: bytes) -> Found:
        limit = self.asked.limit
        traces = self.ready[: min(self.settled, limit)]
        total = self._total()
        next_position = None
        if self.settled > limit:
            next_position = traces[-1].place
        elif self.is_partial:
            next_position = self.position or Position(2**63 - 1)
        reach_ns = None
        if self.is_partial and self.settled <= limit and self.asked.order is Order.NEWEST and self.position:
            reach_ns = self.position.top_ns
        return Found(
            traces=tuple(line_of(one) for one in traces),
            next_cursor=format_cursor(Cursor(next_position, total.count, total.is_exact), digest)
            if next_position
            else None,
            searched_back_to_ns=reach_ns,
            total=total,
            order=self.asked.order,
            is_partial=self.is_partial and self.settled <= limit,
        )

    def _total(self) -> Total:
        """That of the first page, on all pages."""
        if self.cursor is not None:
            return Total(self.cursor.count, self.cursor.is_exact)
        is_exact = (self.is_at_end or self.is_counted) and not self.is_partial
        return Total(max(len(self.counted), len(self.ready)), is_exact)


def chart_points(asked: Search) -> ChartPoints:
    """A point for each of the first CHART_POINTS_MAX traces of the list, whatever its limit and cursor.

    Raises: ParseError, DatabaseAway.
    """
    query = parse(asked.text)
    deadline = Deadline(asked.budget_ms)
    services: dict[int, int] = {}
    sums: list[TraceSum] = []
    is_complete = True
    try:
        plan = plan_of(query, asked.window, deadline)
        prover = Prover(plan.condition, deadline)
        for part in matching_spans(plan, asked.order, prover, deadline, columns=("parent_id",)):
            _note_services(part, services)
            if len(services) >= CHART_POINTS_MAX:
                is_complete = False
                break
    except OutOfTime:
        is_complete = False
    lows = list(services)[:CHART_POINTS_MAX]
    try:
        for start in range(0, len(lows), LOWS_AT_ONCE):
            some = lows[start : start + LOWS_AT_ONCE]
            found = sums_of(some, timeout_ms=deadline.left_ms())
            sums += [one for low in some for one in found.get(low, [])]
    except OutOfTime:
        is_complete = False
    return _points(sums, services, is_complete=is_complete)


def _note_services(part: Part, services: dict[int, int]) -> None:
    """The service of a trace's first matching span; that of its root, where the root matches too."""
    columns = (part.rows[name].tolist() for name in ("trace_low", "service_id", "parent_id"))
    for low, service, parent in zip(*columns, strict=True):
        if low not in services or parent == 0:
            services[low] = service


def _points(sums: list[TraceSum], services: dict[int, int], *, is_complete: bool) -> ChartPoints:
    names = {service_id(name): name for name in service_names()}
    return ChartPoints(
        trace_id=tuple(one.trace_id for one in sums),
        start_ns=tuple(one.start_min_ns for one in sums),
        duration_ns=tuple(one.end_max_ns - one.start_min_ns for one in sums),
        is_error=tuple(one.errors > 0 for one in sums),
        service=tuple(names.get(services[one.trace_low], OTHER_SERVICE) for one in sums),
        is_complete=is_complete,
    )
