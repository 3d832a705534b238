"""Trace → delta-coded columns for the waterfall: JSON, all integers, no attributes and no ids.

`docs/architecture.md` and `static/js/waterfall/model.js` hold the other half of this contract.
"""

import msgspec
import numpy as np

from spans.trace.assemble import ERROR, Flag, parents
from spans.trace.columns import Column, Trace

VERSION = 1
KINDS = 256


def skeleton(trace: Trace) -> bytes:
    """The skeleton of `trace` as JSON.

    Shape: `parent` is row minus parent row, 0 = root; `start` is minus the row before, of the first 0;
    lists of rows are delta coded; `events` is row, count, row, count …; cycles are left uncut.
    Unit: nanoseconds; `t0` is text because a double does not hold it.
    """
    parent, flags = parents(trace)
    rows = np.arange(trace.n)
    operation, operations = _operations(trace)
    with_events = np.flatnonzero(trace.events)
    return msgspec.json.encode(
        {
            "v": VERSION,
            "n": trace.n,
            "rev": trace.rev,
            "t0": str(trace.start_min_ns),
            "services": trace.services,
            "operations": operations,
            "parent": np.where(parent < 0, 0, rows - parent).tolist(),
            "start": np.diff(trace.start_ns, prepend=trace.start_ns[:1]).tolist(),
            "duration": trace.duration_ns.tolist(),
            "operation": operation.tolist(),
            "errors": _rows(trace.status == ERROR),
            "events": np.column_stack((with_events, trace.events[with_events])).ravel().tolist(),
            "orphan": _rows(flags & Flag.ORPHAN),
            "duplicate": _rows(trace.duplicate),
            "repaired": _rows(trace.flags),
            "cycle": _rows(flags & Flag.CYCLE),
            "chunks": [str(cid) for cid in trace.cids],
            "chunk": trace.chunk.tolist(),
            "place": trace.place.tolist(),
            "left_out": trace.left_out,
        }
    )


def _rows(condition: Column) -> list[int]:
    """The rows where `condition` holds, each minus the one before."""
    distances: list[int] = np.diff(np.flatnonzero(condition), prepend=0).tolist()
    return distances


def _operations(trace: Trace) -> tuple[Column, list[list[object]]]:
    """(operation of each row, [service, name, kind] of each operation in order of its first row)."""
    key = (trace.service.astype(np.int64) * len(trace.names) + trace.name) * KINDS + trace.kind
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    ranked = np.argsort(first)
    place = np.empty(len(ranked), dtype=np.int64)
    place[ranked] = np.arange(len(ranked))
    rows = first[ranked]
    columns = (trace.service[rows].tolist(), trace.name[rows].tolist(), trace.kind[rows].tolist())
    return place[inverse], [
        [service, trace.names[name], kind] for service, name, kind in zip(*columns, strict=True)
    ]
