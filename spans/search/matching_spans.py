"""All matching spans in the order asked for, a part at a time."""

from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from spans.otel.clock import TimeWindow
from spans.search.bounds import BlockFacts, bounds_of
from spans.search.cursor import Position
from spans.search.deadline import Deadline
from spans.search.plan import Plan
from spans.search.prove import Prover
from spans.store.block_walk import (
    BLOCKS_FIRST,
    BLOCKS_MAX,
    BlockKey,
    BlockSpans,
    WalkOrder,
    fetch_spans,
    walk,
)

Rows = NDArray[np.void]
COLUMNS = (
    "top_ns",
    "span_id",
    "trace_low",
    "cid",
    "service_id",
    "start_ns",
    "duration_ns",
    "status",
    "parent_id",
)
ROW = np.dtype([*((name, np.int64) for name in COLUMNS), ("is_certain", np.bool_)])
ROWS_FIRST, ROWS_MAX = 256, 4_096  # proved at a time
ROUNDS = 4  # a trace whose first three spans in question don't match is proved whole
GROWTH = 4
LOWEST = -(2**63)
END = Position(-1)


class Order(StrEnum):
    NEWEST = "newest"
    SLOWEST = "slowest"


WALKS = {Order.NEWEST: WalkOrder.NEWEST, Order.SLOWEST: WalkOrder.LONGEST}


@dataclass(frozen=True, slots=True)
class Part:
    """The next matching spans. Nothing that comes later stands above `down_to`; `ends_batch`: of blocks."""

    rows: Rows
    down_to: Position
    ends_batch: bool = False


def matching_spans(
    plan: Plan,
    order: Order,
    prover: Prover,
    deadline: Deadline,
    *,
    below: Position | None = None,
    done: Container[int] = (),
    columns: Collection[str] = (),
) -> Iterator[Part]:
    """Spans that meet the condition and start in the window, best first, from `below` on down.

    Shape: no row stands above one of an earlier part. Each trace's first matching span is among them; others
    may be left out where it takes decoding to know, and all of traces (low halves) in `done`. `parent_id` is
    filled when it is among `columns`.
    Raises: OutOfTime, between parts; what was yielded holds.
    """
    zones = plan.zones
    if order is Order.NEWEST and below is not None:
        zones = replace(zones, window=_up_to(below, zones.window))
    pending = np.zeros(0, ROW)
    after: BlockKey | None = None
    blocks = BLOCKS_FIRST
    while True:
        keys = walk(zones, WALKS[order], after=after, limit=blocks, timeout_ms=deadline.left_ms())
        is_end = len(keys) < blocks
        if keys:
            after = keys[-1]
            found = _candidates(plan, order, keys, deadline, below=below, columns=columns)
            pending = np.concatenate([pending, found])
        # A block further on may hold spans as good as this one's best, not better ones.
        is_settled = pending["top_ns"] > (LOWEST if is_end or after is None else after.top_ns)
        yield from _proved(_sorted(pending[is_settled]), prover, done)
        if is_end or after is None:
            yield Part(pending[:0], END, ends_batch=True)
            return
        yield Part(pending[:0], Position(after.top_ns), ends_batch=True)
        pending = pending[~is_settled]
        blocks = min(blocks * GROWTH, BLOCKS_MAX)


def _up_to(below: Position, window: TimeWindow | None) -> TimeWindow:
    """The window without the blocks that start after the cursor: their spans stood on earlier pages."""
    to_ns = min(below.top_ns, 2**63 - 2) + 1
    return TimeWindow(window.from_ns, min(window.to_ns, to_ns)) if window else TimeWindow(0, to_ns)


def _candidates(
    plan: Plan,
    order: Order,
    keys: list[BlockKey],
    deadline: Deadline,
    *,
    below: Position | None,
    columns: Collection[str],
) -> Rows:
    """Spans of these blocks that may match."""
    spans = fetch_spans(
        keys,
        columns=plan.columns.union(columns),
        operation_ids=plan.zones.operation_ids,
        timeout_ms=deadline.left_ms(),
    )
    top_ns = spans.start_ns if order is Order.NEWEST else spans.duration_ns
    in_question = np.ones(len(top_ns), np.bool_) if below is None else _is_not_above(top_ns, spans, below)
    if plan.zones.window is not None:
        in_question &= in_window(spans.start_ns, plan.zones.window)
    plan.attributes.look_into(spans.cid[in_question])
    bounds = bounds_of(plan.condition, BlockFacts(spans, plan.names), plan.attributes)
    chosen = np.flatnonzero(bounds.may & in_question)
    rows = np.zeros(len(chosen), ROW)
    rows["top_ns"], rows["is_certain"] = top_ns[chosen], bounds.must[chosen]
    for name in COLUMNS[1:]:
        rows[name] = getattr(spans, name)[chosen]
    return rows


def in_window(start_ns: NDArray[np.int64], window: TimeWindow) -> NDArray[np.bool_]:
    return (start_ns >= window.from_ns) & (start_ns < window.to_ns)


def _is_not_above(top_ns: NDArray[np.int64], spans: BlockSpans, below: Position) -> NDArray[np.bool_]:
    """Rows at `below` stay: a twin of the trace there, with the same low half of the id, may still come."""
    ties = top_ns == below.top_ns
    below_it: NDArray[np.bool_] = (top_ns < below.top_ns) | (ties & (spans.span_id <= below.span_id))
    return below_it


def _sorted(rows: Rows) -> Rows:
    order = np.argsort(rows["top_ns"])
    if (np.diff(rows["top_ns"][order]) == 0).any():
        order = np.lexsort((rows["cid"], rows["trace_low"], rows["span_id"], rows["top_ns"]))
    return rows[order[::-1]]


def _proved(rows: Rows, prover: Prover, done: Container[int]) -> Iterator[Part]:
    """Sorted rows without those that don't match; the first few soon, as they may be enough."""
    start, size = 0, len(rows) if rows["is_certain"].all() else ROWS_FIRST
    while start < len(rows):
        part = rows[start : start + size]
        last = part[-1]
        down_to = Position(int(last["top_ns"]), int(last["span_id"]), int(last["trace_low"]), LOWEST)
        yield Part(_first_matches(part, prover, done), down_to)
        start, size = start + size, min(size * 2, ROWS_MAX)


def _first_matches(rows: Rows, prover: Prover, done: Container[int]) -> Rows:
    """Certain rows, and the first of each trace that proves to match: a row of each at a time."""
    keep = rows["is_certain"].copy()
    if keep.all():
        return rows
    is_open = np.array([low not in done for low in rows["trace_low"].tolist()], np.bool_) & ~keep
    place = np.arange(len(rows))
    trace = np.unique(rows["trace_low"], return_inverse=True)[1]
    for number in range(ROUNDS):
        first_kept = np.full(len(rows), len(rows))
        np.minimum.at(first_kept, trace[keep], place[keep])
        is_open &= place < first_kept[trace]
        left = np.flatnonzero(is_open)
        if number < ROUNDS - 1:
            left = left[np.unique(trace[left], return_index=True)[1]]
        if not len(left):
            break
        keep[left] = prover.of_rows(rows[left])
        is_open[left] = False
    kept: Rows = rows[keep]
    return kept
