"""All matching spans in the order asked for, a part at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
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
GROWTH = 4
END = Position(-1)


class Order(StrEnum):
    NEWEST = "newest"
    SLOWEST = "slowest"


WALKS = {Order.NEWEST: WalkOrder.NEWEST, Order.SLOWEST: WalkOrder.LONGEST}


@dataclass(frozen=True, slots=True)
class Part:
    """The next matching spans. Nothing that comes later stands above `down_to`."""

    rows: Rows
    down_to: Position


def matching_spans(
    plan: Plan, order: Order, prover: Prover, deadline: Deadline, *, below: Position | None = None
) -> Iterator[Part]:
    """Spans that meet the condition and start in the window, best first, from `below` on down.

    Shape: no row stands above one of an earlier part. A span that was stored twice comes twice.
    Raises: OutOfTime, between parts; what was yielded holds.
    """
    pending = np.zeros(0, ROW)
    after: BlockKey | None = None
    blocks = BLOCKS_FIRST
    while True:
        keys = walk(plan.zones, WALKS[order], after=after, limit=blocks, timeout_ms=deadline.left_ms())
        is_end = len(keys) < blocks
        if keys:
            after = keys[-1]
            found = _candidates(plan, order, keys, deadline, below)
            pending = _sorted(np.concatenate([pending, found]))
        # A block further on may hold spans as good as this one's best, not better ones.
        settled = len(pending) if is_end or after is None else int((pending["top_ns"] > after.top_ns).sum())
        yield from _proved(pending[:settled], prover)
        if is_end or after is None:
            yield Part(pending[:0], END)
            return
        yield Part(pending[:0], Position(after.top_ns))
        pending = pending[settled:]
        blocks = min(blocks * GROWTH, BLOCKS_MAX)


def _candidates(
    plan: Plan, order: Order, keys: list[BlockKey], deadline: Deadline, below: Position | None
) -> Rows:
    """Spans of these blocks that may match."""
    spans = fetch_spans(keys, operation_ids=plan.zones.operation_ids, timeout_ms=deadline.left_ms())
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
    return (top_ns < below.top_ns) | (ties & (spans.span_id <= below.span_id))


def _sorted(rows: Rows) -> Rows:
    order = np.lexsort((rows["cid"], rows["trace_low"], rows["span_id"], rows["top_ns"]))
    return rows[order[::-1]]


def _proved(rows: Rows, prover: Prover) -> Iterator[Part]:
    """Sorted rows without those that don't match; the first few soon, as they may be enough."""
    start, size = 0, len(rows) if rows["is_certain"].all() else ROWS_FIRST
    while start < len(rows):
        part = rows[start : start + size]
        last = part[-1]
        keep = part["is_certain"].copy()
        keep[~keep] = prover.of_rows(part[~keep])
        down_to = Position(int(last["top_ns"]), int(last["span_id"]), int(last["trace_low"]), -(2**63))
        yield Part(part[keep], down_to)
        start, size = start + size, min(size * GROWTH, ROWS_MAX)
