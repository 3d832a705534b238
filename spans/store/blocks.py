"""One row per (flush, service, part): parallel arrays of its spans, and their zone maps.

Built here; walked by whoever searches. A zone map says what a block can't hold, never what it does.
"""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spans import limits
from spans.otel.span import StatusCode
from spans.store.copy_buffers import Part, array_head, elements

# Array column: (element type, wire type).
ARRAYS = {
    "start_ns": ("int8", ">i8"), "duration_ns": ("int8", ">i8"), "status": ("int2", ">i2"),
    "kind": ("int2", ">i2"), "operation": ("int2", ">i2"), "resource": ("int2", ">i2"),
    "trace_low": ("int8", ">i8"), "span_id": ("int8", ">i8"), "parent_id": ("int8", ">i8"),
    "chunk": ("int2", ">i2"),
}  # fmt: skip
ZONES = "start_min_ns, start_max_ns, duration_max_ns, ok_durations, error_durations"
COLUMNS = f"project_id, cid, service_id, part, spans, {ZONES}, operations, resources, {', '.join(ARRAYS)}"
PART_LATE = 1  # started long before this flush, or after it: kept apart, so that it widens nobody's zone maps
BUCKET_MAX = 63
_pack_row_head = struct.Struct(">hiiiqiqihiiiqiqiqiqiq").pack


@dataclass(frozen=True, slots=True)
class BlockSpans:
    """The spans of one flush, sorted by trace.

    Shape: `columns` has the names of ARRAYS, and `service`; the three point into sorted distinct ids.
    """

    columns: dict[str, NDArray[Any]]
    service_ids: NDArray[np.int64]
    operation_ids: NDArray[np.int64]
    resource_ids: NDArray[np.int64]


def duration_bucket(duration_ns: NDArray[Any]) -> NDArray[np.uint64]:
    """floor(2·log2(duration in µs)), 0…63: the bit of a duration in the bitmaps; 1 µs and below is 0."""
    micros = np.maximum(duration_ns, 1000) / 1000.0
    bucket: NDArray[np.uint64] = np.minimum(2 * np.log2(micros), BUCKET_MAX).astype(np.uint64)
    return bucket


def block_rows(project_id: int, cid: int, now_ns: int, spans: BlockSpans) -> tuple[list[Part], int]:
    """(the flush's rows as COPY has them, in parts; how many rows)."""
    columns = spans.columns
    is_late = (columns["start_ns"] < now_ns - limits.LATE_NS) | (
        columns["start_ns"] > now_ns + limits.EARLY_NS
    )
    key = columns["service"].astype(np.uint32) << 1 | is_late
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    cuts = [*starts.tolist(), len(key)]
    block = np.repeat(np.arange(len(starts)), np.diff(cuts))
    column = {name: columns[name][order] for name in ARRAYS}
    zones = _zones(column, starts)
    operation, operation_at, column["operation"] = _places(block, column["operation"], len(starts))
    resource, resource_at, column["resource"] = _places(block, column["resource"], len(starts))
    wire = [
        (kind, 4 + np.dtype(dtype).itemsize, elements(column[name], dtype))
        for name, (kind, dtype) in ARRAYS.items()
    ]
    operations = elements(spans.operation_ids[operation], ">i8")
    resources = elements(spans.resource_ids[resource], ">i8")
    out: list[Part] = []
    for number, head in enumerate(key[starts].tolist()):
        start, end = cuts[number], cuts[number + 1]
        service_id, part = int(spans.service_ids[head >> 1]), head & 1
        fields = [field for zone in zones for field in (8, zone[number])]
        out.append(_pack_row_head(22, 4, project_id, 8, cid, 8, service_id, 2, part, 4, end - start, *fields))
        for ids, at in ((operations, operation_at), (resources, resource_at)):
            out += (
                array_head("int8", at[number + 1] - at[number]),
                ids[12 * at[number] : 12 * at[number + 1]],
            )
        for kind, width, content in wire:
            out += (array_head(kind, end - start), content[start * width : end * width])
    return out, len(starts)


def _zones(column: dict[str, NDArray[Any]], starts: NDArray[np.int64]) -> tuple[list[int], ...]:
    """ZONES, each a list by block."""
    bit = np.left_shift(np.uint64(1), duration_bucket(column["duration_ns"]))
    is_error = column["status"] == StatusCode.ERROR
    nothing = np.uint64(0)
    return (
        np.minimum.reduceat(column["start_ns"], starts).tolist(),
        np.maximum.reduceat(column["start_ns"], starts).tolist(),
        np.maximum.reduceat(column["duration_ns"], starts).tolist(),
        np.bitwise_or.reduceat(np.where(is_error, nothing, bit), starts).view(np.int64).tolist(),
        np.bitwise_or.reduceat(np.where(is_error, bit, nothing), starts).view(np.int64).tolist(),
    )


def _places(
    block: NDArray[Any], values: NDArray[Any], block_count: int
) -> tuple[NDArray[np.int64], list[int], NDArray[Any]]:
    """(distinct values, block by block; where each block's begin; of each span its place among them)."""
    distinct, inverse = np.unique(block.astype(np.int64) << 32 | values, return_inverse=True)
    first = np.searchsorted(distinct >> 32, np.arange(block_count + 1))
    return distinct & 0xFFFFFFFF, first.tolist(), inverse - first[block]
