"""Trace by id: the one door into this room."""

from collections.abc import Iterable, Sequence

import numpy as np

from spans.limits import TRACE_SPANS_MAX
from spans.otel import ids
from spans.store import trace_reader
from spans.store.chunks import Head
from spans.trace.columns import Column, Trace, rev_of
from spans.trace.same_span import second_copies

HEAD_COLUMNS = (
    "trace_low", "trace_high", "start_ns", "duration_ns", "kind", "status", "flags", "events",
    "span_id", "parent_id", "span_bytes",
)  # fmt: skip


def load_trace(trace_id: str) -> Trace | None:
    """The trace with this id (32 lowercase hex digits); None when it is not stored."""
    return load_traces([trace_id]).get(trace_id)


def load_traces(trace_ids: Sequence[str], *, timeout_ms: int | None = None) -> dict[str, Trace]:
    """Those of `trace_ids` that are stored, their heads fetched together.

    Shape: in the order asked.
    """
    cids, left_out, heads = trace_reader.heads_of(trace_ids, timeout_ms=timeout_ms)
    wanted = {ids.halves(trace_id): trace_id for trace_id in trace_ids if trace_id in cids}
    rows = _Rows(heads, wanted)
    loaded = {}
    for key, at in rows.by_trace():
        trace_id = wanted[key]
        loaded[trace_id] = rows.trace(trace_id, tuple(cids[trace_id]), at, left_out=left_out.get(trace_id, 0))
    return {trace_id: loaded[trace_id] for trace_id in wanted.values() if trace_id in loaded}


def current_rev(trace_id: str) -> str | None:
    """The rev that `load_trace` would give, from the trace map alone; None when the trace is not stored."""
    cids = trace_reader.cids_of(trace_id)
    return rev_of(cids) if cids else None


class _Rows:
    """The rows of the wanted traces in all heads, as one set of columns."""

    def __init__(self, heads: Sequence[Head], wanted: Iterable[tuple[int, int]]) -> None:
        lows = np.array([low for _, low in wanted], dtype=np.int64)
        masks = [np.isin(head.trace_low, lows) for head in heads]
        self.heads = heads
        self.columns = {name: _gather(heads, masks, name) for name in HEAD_COLUMNS}
        self.columns["head"] = _concatenate([np.full(m.sum(), i) for i, m in enumerate(masks)])
        self.columns["place"] = _concatenate([np.flatnonzero(mask) for mask in masks])
        self.services, self.columns["service"] = _one_table(
            [(head.services, head.service[mask]) for head, mask in zip(heads, masks, strict=True)]
        )
        self.names, self.columns["name"] = _one_table(
            [(head.names, head.name[mask]) for head, mask in zip(heads, masks, strict=True)]
        )

    def by_trace(self) -> Iterable[tuple[tuple[int, int], Column]]:
        """(high, low) and the sorted rows of each trace, among them ones with a low half in common."""
        c = self.columns
        order = np.lexsort(
            (c["place"], c["head"], -c["duration_ns"], c["start_ns"], c["trace_high"], c["trace_low"])
        )
        if not len(order):
            return
        high, low = c["trace_high"][order], c["trace_low"][order]
        starts = np.flatnonzero((np.diff(high) != 0) | (np.diff(low) != 0)) + 1
        for rows in np.split(order, starts):
            yield (int(c["trace_high"][rows[0]]), int(c["trace_low"][rows[0]])), rows

    def trace(self, trace_id: str, cids: tuple[int, ...], rows: Column, *, left_out: int) -> Trace:
        rows = rows[~second_copies(self.heads, self.columns, rows)]
        left_out += max(0, len(rows) - TRACE_SPANS_MAX)
        rows = rows[:TRACE_SPANS_MAX]
        c = {name: column[rows] for name, column in self.columns.items()}
        services, service = _in_order_of_rows(self.services, c["service"])
        names, name = _in_order_of_rows(self.names, c["name"])
        chunk_of_head = np.searchsorted(np.array(cids), np.array([head.cid for head in self.heads]))
        return Trace(
            trace_id=trace_id, rev=rev_of(cids), cids=cids, services=services, names=names,
            start_ns=c["start_ns"], duration_ns=c["duration_ns"], service=service, name=name,
            kind=c["kind"], status=c["status"], flags=c["flags"], events=c["events"],
            span_id=c["span_id"], parent_id=c["parent_id"],
            chunk=chunk_of_head[c["head"]].astype(np.int32), place=c["place"].astype(np.int32),
            duplicate=_repeats(c["span_id"]), left_out=left_out,
        )  # fmt: skip


def _gather(heads: Sequence[Head], masks: Sequence[Column], name: str) -> Column:
    return _concatenate([getattr(head, name)[mask] for head, mask in zip(heads, masks, strict=True)])


def _concatenate(parts: Sequence[Column]) -> Column:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _one_table(parts: Sequence[tuple[Sequence[str], Column]]) -> tuple[list[str], Column]:
    """The tables of several heads as one, and their columns as indexes into it."""
    places: dict[str, int] = {}
    columns = []
    for table, column in parts:
        to_shared = np.array([places.setdefault(text, len(places)) for text in table], dtype=np.int32)
        columns.append(to_shared[column] if len(table) else column.astype(np.int32))
    return list(places), _concatenate(columns)


def _in_order_of_rows(table: Sequence[str], column: Column) -> tuple[tuple[str, ...], Column]:
    """The entries of `table` that occur, by their first row, and the column as indexes into them."""
    used, first, inverse = np.unique(column, return_index=True, return_inverse=True)
    ranked = np.argsort(first)
    place = np.empty(len(ranked), dtype=np.int32)
    place[ranked] = np.arange(len(ranked), dtype=np.int32)
    return tuple(table[i] for i in used[ranked].tolist()), place[inverse]


def _repeats(span_id: Column) -> Column:
    """True for every row whose span id an earlier row has."""
    result = np.ones(len(span_id), dtype=np.bool_)
    result[np.unique(span_id, return_index=True)[1]] = False
    return result
