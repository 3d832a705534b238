"""≤ 512 spans as head (columns) and body (raw OTLP bytes): cut, encode, decode. Format version 1.

`docs/data-model.md` has it byte by byte. Nothing here touches the database.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from spans import limits

VERSION = b"\x01"
ZSTD_LEVEL = 3  # 0.46 µs and 65.9 B a span; level 1 0.35 µs and 66.1 B
DECODED_BYTES_MAX = 256 * limits.MIB  # of one frame: one span may be as large as a request
# Columns of the head after trace, span and parent id.
COLUMNS = {
    "start_ns": "<i8", "duration_ns": "<i8", "service": "<u2", "name": "<u2", "kind": "u1", "status": "u1",
    "flags": "u1", "events": "<u2", "resource": "<u2", "scope": "<u2", "span_bytes": "<u4",
}  # fmt: skip
TABLES = ("service", "name", "resource", "scope")  # columns that point into a table
Columns = Mapping[str, NDArray[Any]]


class UnknownChunkVersion(ValueError):
    """A chunk was written by a newer version of this program."""


@dataclass(frozen=True, slots=True)
class Head:
    """The columns of one chunk, `n` long, sorted by (trace_low, trace_high, start_ns, span id), all signed.

    Shape: `trace_id` (n, 16) bytes; `trace_high`, `trace_low` its signed halves, as the database holds them;
    `span_id`, `parent_id` the big-endian values, 0 = no parent; `service` and `name` index into the tables.
    """

    cid: int
    n: int
    services: list[str]
    names: list[str]
    trace_id: NDArray[np.uint8]
    trace_high: NDArray[np.int64]
    trace_low: NDArray[np.int64]
    span_id: NDArray[np.uint64]
    parent_id: NDArray[np.uint64]
    start_ns: NDArray[np.int64]
    duration_ns: NDArray[np.int64]
    service: NDArray[np.uint16]
    name: NDArray[np.uint16]
    kind: NDArray[np.uint8]
    status: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    events: NDArray[np.uint16]
    resource: NDArray[np.uint16]
    scope: NDArray[np.uint16]
    span_bytes: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Body:
    """What a head points at: ResourceSpans and ScopeSpans messages without spans; raw spans in head order."""

    resources: list[bytes]
    scopes: list[bytes]
    spans: list[bytes]


def cut(span_bytes: NDArray[Any]) -> list[int]:
    """Where chunks start, then the end: even shares, none over its limits but a single larger span."""
    count, ends = len(span_bytes), np.cumsum(span_bytes, dtype=np.int64)
    share = -(-count // -(-count // limits.CHUNK_SPANS_MAX)) if count else 0
    cuts = [0]
    while cuts[-1] < count:
        start = cuts[-1]
        before = int(ends[start - 1]) if start else 0
        by_bytes = int(np.searchsorted(ends, before + limits.CHUNK_RAW_BYTES_MAX, "right"))
        cuts.append(max(start + 1, min(start + share, by_bytes, count)))
    return cuts


def encode(
    columns: Columns,
    ids: bytes,
    raw: Sequence[bytes],
    tables: Mapping[str, Sequence[bytes]],
    *,
    start: int,
    end: int,
) -> tuple[bytes, bytes]:
    """(head, body) of spans `start` to `end` of a flush that is sorted as `Head` is.

    `ids`: trace, span and parent ids of these spans. `tables`: what the codes in `columns` point into.
    """
    used, parts = {}, []
    for name, dtype in COLUMNS.items():
        values = columns[name][start:end]
        if name in TABLES:
            distinct, values = _compact(values, len(tables[name]))
            used[name] = _table([tables[name][code] for code in distinct])
        parts.append(values.astype(dtype, copy=False).tobytes())
    head = b"".join([struct.pack("<I", end - start), used["service"], used["name"], ids, *parts])
    body = b"".join([used["resource"], used["scope"], *raw[start:end]])
    compress = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress
    return VERSION + compress(head), VERSION + compress(body)


def decode_head(cid: int, frame: bytes) -> Head:
    """Raises: UnknownChunkVersion."""
    content = _open(cid, frame)
    (n,) = struct.unpack_from("<I", content)
    services, at = _read_table(content, 4)
    names, at = _read_table(content, at)
    trace_id = np.frombuffer(content, np.uint8, 16 * n, at).reshape(n, 16)
    halves = np.frombuffer(content, ">i8", 2 * n, at).reshape(n, 2).astype(np.int64)
    at += 16 * n
    span_id = np.frombuffer(content, ">u8", n, at).astype(np.uint64)
    parent_id = np.frombuffer(content, ">u8", n, at + 8 * n).astype(np.uint64)
    at += 16 * n
    columns: dict[str, Any] = {}
    for name, dtype in COLUMNS.items():
        columns[name] = np.frombuffer(content, dtype, n, at)
        at += columns[name].nbytes
    assert at == len(content), f"chunk {cid}: {len(content) - at} bytes too many in the head"
    return Head(
        cid=cid, n=n, services=_texts(services), names=_texts(names), trace_id=trace_id,
        trace_high=halves[:, 0], trace_low=halves[:, 1], span_id=span_id, parent_id=parent_id, **columns,
    )  # fmt: skip


def decode_body(frame: bytes, head: Head) -> Body:
    """Raises: UnknownChunkVersion."""
    content = _open(head.cid, frame)
    resources, at = _read_table(content, 0)
    scopes, at = _read_table(content, at)
    ends = (at + np.cumsum(head.span_bytes, dtype=np.int64)).tolist()
    starts = [at, *ends]
    return Body(resources, scopes, [content[start:end] for start, end in zip(starts, ends, strict=False)])


def _compact(codes: NDArray[Any], table_size: int) -> tuple[list[int], NDArray[np.uint16]]:
    """(distinct codes, the codes as places among them) without sorting."""
    places = np.zeros(table_size, np.uint16)
    places[codes] = 1
    distinct = np.flatnonzero(places)
    places[distinct] = np.arange(len(distinct), dtype=np.uint16)
    return distinct.tolist(), places[codes]


def _table(values: Sequence[bytes]) -> bytes:
    return struct.pack("<I", len(values)) + b"".join(
        [struct.pack("<I", len(value)) + value for value in values]
    )


def _read_table(content: bytes, at: int) -> tuple[list[bytes], int]:
    (count,) = struct.unpack_from("<I", content, at)
    at += 4
    values = []
    for _ in range(count):
        (size,) = struct.unpack_from("<I", content, at)
        values.append(content[at + 4 : at + 4 + size])
        at += 4 + size
    return values, at


def _texts(values: Sequence[bytes]) -> list[str]:
    return [value.decode("utf-8", "replace") for value in values]


def _open(cid: int, frame: bytes) -> bytes:
    if frame[:1] != VERSION:
        raise UnknownChunkVersion(
            f"chunk {cid} has format {frame[0]}; this program reads format {VERSION[0]}"
        )
    return zstandard.ZstdDecompressor().decompress(frame[1:], max_output_size=DECODED_BYTES_MAX)
