"""Blocks in the order of their newest or their longest span, and the spans in them as columns.

First the zone maps say which blocks may hold what is asked; only these are fetched.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spans.otel.clock import TimeWindow
from spans.store import database
from spans.store.dictionaries import OTHER

Integers = NDArray[np.int64]
ALL_DURATIONS = -1  # bitmap with every bit set
BLOCKS_FIRST, BLOCKS_MAX = 8, 512  # fetched at a time: most pages end in the first few
SERVICES_MAX = 16  # walked side by side, each along its own index; more are walked as all
OPERATIONS_FILTERED_MAX = 500  # ids in one statement; more are sorted out here
ARRAY_HEAD_BYTES = 20  # of an array on the wire; then 4 bytes of size before each element
ARRAYS = {"start_ns": ">i8", "duration_ns": ">i8", "trace_low": ">i8", "span_id": ">i8", "chunk": ">i2"}
# Read when they are asked for: unpacking arrays is most of a walk.
OPTIONAL_ARRAYS = {
    "status": ">i2", "kind": ">i2", "parent_id": ">i8", "operations": ">i8", "operation": ">i2",
}  # fmt: skip


class WalkOrder(StrEnum):
    """The zone map that blocks are sorted by, descending."""

    NEWEST = "start_max_ns"
    LONGEST = "duration_max_ns"


@dataclass(frozen=True, slots=True)
class Zones:
    """What a block must offer. None: anything.

    Shape: `ok_durations`, `error_durations` are bitmaps as the blocks have them; `operation_ids` without 0.
    """

    service_ids: tuple[int, ...] | None = None
    ok_durations: int = ALL_DURATIONS
    error_durations: int = ALL_DURATIONS
    operation_ids: tuple[int, ...] | None = None
    flush_cids: tuple[int, ...] | None = None
    window: TimeWindow | None = None


@dataclass(frozen=True, slots=True, order=True)
class BlockKey:
    """A block's place in the walk; `top_ns` is its newest start or its longest duration."""

    top_ns: int
    cid: int
    service_id: int
    part: int


@dataclass(frozen=True, slots=True)
class BlockSpans:
    """Spans of several blocks as columns; a row is a span.

    Shape: `cid` is that of the span's chunk; `operation_id` and `service_id` are dictionary ids, 0 = other.
    Columns that were not asked for are 0.
    """

    cid: Integers
    service_id: Integers
    operation_id: Integers
    start_ns: Integers
    duration_ns: Integers
    status: Integers
    kind: Integers
    trace_low: Integers
    span_id: Integers
    parent_id: Integers


# Blocks of one service, along (service_id, start_max_ns) whose included columns answer all of it, or along
# (service_id, duration_max_ns). The id of the service is a hash over the project too.
OF_SERVICE = """
(SELECT {order}, cid, service_id, part
   FROM spans_block
  WHERE service_id = {service_id}
    AND ({order}, cid, service_id, part) < (%(top_ns)s, %(cid)s, %(service_id)s, %(part)s)
    {zones}
  ORDER BY {order} DESC, cid DESC, service_id DESC, part DESC
  LIMIT %(limit)s)
"""
# Blocks of all services, along (start_max_ns) or (duration_max_ns); with few flushes, along the primary key.
OF_ALL = """
SELECT {order}, cid, service_id, part
  FROM spans_block
 WHERE project_id = %(project_id)s
   AND ({order}, cid, service_id, part) < (%(top_ns)s, %(cid)s, %(service_id)s, %(part)s)
   {zones}
 ORDER BY {order} DESC, cid DESC, service_id DESC, part DESC
 LIMIT %(limit)s
"""
BEFORE_ALL = BlockKey(2**63 - 1, 2**63 - 1, 2**63 - 1, 2**15 - 1)

# The arrays as Postgres sends them, unparsed; by primary key, the partitions by the cids themselves.
SPANS = """
SELECT b.cid, b.service_id, {arrays}
  FROM spans_block b
  JOIN unnest(%(cids)s::bigint[], %(service_ids)s::bigint[], %(parts)s::smallint[])
       AS k (cid, service_id, part)
 USING (cid, service_id, part)
 WHERE b.project_id = %(project_id)s
   AND b.cid = ANY (%(cids)s::bigint[])
   {operations}
"""


def walk(
    zones: Zones,
    order: WalkOrder,
    *,
    after: BlockKey | None = None,
    limit: int = BLOCKS_FIRST,
    timeout_ms: int | None = None,
    project_id: int = database.PROJECT,
) -> list[BlockKey]:
    """The next `limit` blocks that may hold what is asked; fewer: the walk is at its end.

    Raises: OutOfTime after `timeout_ms`.
    """
    after = after or BEFORE_ALL
    asked = {
        "project_id": project_id, "limit": limit, "top_ns": after.top_ns, "cid": after.cid,
        "service_id": after.service_id, "part": after.part,
    }  # fmt: skip
    rows = database.read(_walk_sql(zones, order), asked, timeout_ms=timeout_ms)
    return [BlockKey(*row) for row in rows]


def _walk_sql(zones: Zones, order: WalkOrder) -> str:
    """Only our own words and whole numbers go into the text."""
    conditions = _conditions(zones)
    services = zones.service_ids
    if services is None or zones.flush_cids is not None or len(services) > SERVICES_MAX:
        if services is not None:
            conditions += f" AND service_id = ANY ({_array(services)})"
        return OF_ALL.format(order=order.value, zones=conditions)
    branches = [
        OF_SERVICE.format(order=order.value, service_id=f"{one:d}", zones=conditions) for one in services
    ]
    return " UNION ALL ".join(branches) + " ORDER BY 1 DESC, 2 DESC, 3 DESC, 4 DESC LIMIT %(limit)s"


def _conditions(zones: Zones) -> str:
    conditions = ""
    if zones.window is not None:
        conditions += (
            f" AND start_max_ns >= {zones.window.from_ns:d} AND start_min_ns < {zones.window.to_ns:d}"
        )
    if (zones.ok_durations, zones.error_durations) != (ALL_DURATIONS, ALL_DURATIONS):
        ok, error = (
            f"ok_durations & ({zones.ok_durations:d})",
            f"error_durations & ({zones.error_durations:d})",
        )
        conditions += f" AND (({ok}) | ({error})) <> 0"
    if zones.flush_cids is not None:
        conditions += f" AND cid = ANY ({_array(zones.flush_cids)})"
    return conditions


def _array(values: Sequence[int]) -> str:
    return f"'{{{','.join(f'{value:d}' for value in values)}}}'::bigint[]"


def fetch_spans(
    keys: Sequence[BlockKey],
    *,
    columns: Collection[str] = (),
    operation_ids: Sequence[int] | None = None,
    timeout_ms: int | None = None,
    project_id: int = database.PROJECT,
) -> BlockSpans:
    """All spans of these blocks, in no order; of blocks without any of `operation_ids` (and without 0) none.

    `columns`: of "status", "kind", "parent_id" and "operation" those that are wanted too.
    Raises: OutOfTime after `timeout_ms`.
    """
    asked = {
        "project_id": project_id,
        "cids": [key.cid for key in keys],
        "service_ids": [key.service_id for key in keys],
        "parts": [key.part for key in keys],
    }
    only = ""
    if operation_ids is not None and len(operation_ids) <= OPERATIONS_FILTERED_MAX:
        only = f"AND b.operations && {_array([*operation_ids, OTHER])}"
    wanted = {*columns, "operations"} if "operation" in columns else {*columns}
    arrays = ARRAYS | {name: wire for name, wire in OPTIONAL_ARRAYS.items() if name in wanted}
    sql = SPANS.format(arrays=", ".join(f"array_send(b.{name})" for name in arrays), operations=only)
    return _as_columns(database.read(sql, asked, timeout_ms=timeout_ms), arrays)


def _as_columns(rows: Sequence[tuple[Any, ...]], arrays: Mapping[str, str]) -> BlockSpans:
    """One pass over all blocks for each array: block by block, numpy's overhead would be most of the time."""
    joined = {
        name: _joined([row[at] for row in rows], wire) for at, (name, wire) in enumerate(arrays.items(), 2)
    }
    counts = joined["start_ns"][1]
    nothing = np.zeros(int(counts.sum()), np.int64)
    columns = {
        name: joined[name][0] if name in joined else nothing for name in ("status", "kind", "parent_id")
    }
    if "operation" in joined:
        operations, tables = joined["operations"]
        place = np.repeat(np.cumsum(tables) - tables, counts) + joined["operation"][0]
        nothing = operations[place] if len(place) else nothing
    return BlockSpans(
        cid=np.repeat(np.array([row[0] for row in rows], np.int64), counts) + joined["chunk"][0],
        service_id=np.repeat(np.array([row[1] for row in rows], np.int64), counts),
        operation_id=nothing,
        start_ns=joined["start_ns"][0],
        duration_ns=joined["duration_ns"][0],
        trace_low=joined["trace_low"][0],
        span_id=joined["span_id"][0],
        **columns,
    )


def _joined(arrays: Sequence[bytes], wire: str) -> tuple[Integers, Integers]:
    """(the elements of all arrays one after another, how many each has)."""
    element = np.dtype([("size", ">i4"), ("value", wire)])
    bodies = [array[ARRAY_HEAD_BYTES:] for array in arrays]
    counts = np.array([len(body) for body in bodies], np.int64) // element.itemsize
    return np.frombuffer(b"".join(bodies), element)["value"].astype(np.int64), counts


# By (project_id, service_id); ≤ OPERATIONS_MAX rows.
OPERATIONS = """
SELECT id, name
  FROM spans_operation
 WHERE project_id = %(project_id)s
   AND (%(service_ids)s::bigint[] IS NULL OR service_id = ANY (%(service_ids)s::bigint[]))
"""


def operation_texts(
    service_ids: Sequence[int] | None = None,
    *,
    timeout_ms: int | None = None,
    project_id: int = database.PROJECT,
) -> dict[int, str]:
    """The span name of every known operation, of some services or of all."""
    asked = {"project_id": project_id, "service_ids": None if service_ids is None else list(service_ids)}
    return dict(database.read(OPERATIONS, asked, timeout_ms=timeout_ms))
