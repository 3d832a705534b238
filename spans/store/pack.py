"""The spans of one flush → what COPY sends to each table. Touches no database."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spans import limits
from spans.formats.otlp import Batch
from spans.store import blocks, chunks, copy_buffers, tokens, trace_map
from spans.store.copy_buffers import Part
from spans.store.dictionaries import Dictionaries
from spans.store.gather import Gathered, Sorted, attributes_met, gather, sort_and_cut

CHUNK_COLUMNS = "project_id, cid, head, body"
# Table: its columns, in the order they are written in.
TABLES = {
    "spans_chunk": CHUNK_COLUMNS,
    "spans_block": blocks.COLUMNS,
    "spans_trace_chunk": trace_map.COLUMNS,
    "spans_token_run": tokens.COLUMNS,
}
_pack_chunk_head = struct.Struct(">hiiiq").pack


@dataclass(frozen=True, slots=True)
class Packed:
    """COPY's bytes by table, and what the flush brought."""

    copies: dict[str, bytes]
    attributes: list[bytes]
    chunk_count: int


def pack(batches: Sequence[Batch], cid: int, now_ns: int, dictionaries: Dictionaries) -> Packed:
    """One flush of at least one span. Names met for the first time wait in `dictionaries` to be sent."""
    gathered = gather(batches)
    flush = sort_and_cut(gathered)
    project_id, chunk_count = dictionaries.project_id, len(flush.cuts) - 1
    assert chunk_count <= limits.CHUNKS_PER_FLUSH_MAX, f"a flush of {chunk_count} chunks"
    block_spans = _block_spans(gathered, flush, dictionaries)
    block_parts, _ = blocks.block_rows(project_id, cid, now_ns, block_spans)
    traces, _ = trace_map.trace_rows(project_id, cid, flush.columns)
    met_chunks, met_codes = attributes_met(gathered, flush)
    pairs = tokens.token_pairs(gathered.attributes, met_chunks, met_codes, chunk_count=chunk_count)
    rows: dict[str, Sequence[Part]] = {
        "spans_chunk": _chunk_rows(project_id, cid, gathered, flush),
        "spans_block": block_parts,
        "spans_trace_chunk": [traces],
        "spans_token_run": tokens.run_rows(project_id, cid, pairs, chunk_count=chunk_count),
    }
    copies = {
        table: b"".join([copy_buffers.START, *parts, copy_buffers.END]) for table, parts in rows.items()
    }
    return Packed(copies, gathered.attributes, chunk_count)


def _chunk_rows(project_id: int, cid: int, gathered: Gathered, flush: Sorted) -> list[bytes]:
    out: list[bytes] = []
    for number, (start, end) in enumerate(zip(flush.cuts, flush.cuts[1:], strict=False)):
        ids = b"".join([column[start:end].tobytes() for column in flush.ids])
        head, body = chunks.encode(flush.columns, ids, flush.raw, gathered.tables, start=start, end=end)
        out += (
            _pack_chunk_head(4, 4, project_id, 8, cid + number),
            copy_buffers.bytes_field(head),
            copy_buffers.bytes_field(body),
        )
    return out


def _block_spans(gathered: Gathered, flush: Sorted, dictionaries: Dictionaries) -> blocks.BlockSpans:
    """Codes of this flush → places among sorted dictionary ids; all that is past a cap shares the id 0."""
    columns, tables = flush.columns, gathered.tables
    pair = columns["service"].astype(np.int64) << 32 | columns["name"]
    pairs, operation = np.unique(pair, return_inverse=True)
    services, names = tables["service"], tables["name"]
    service_ids, service_place = _ids([dictionaries.service(name) for name in services])
    operation_ids, operation_place = _ids(
        [dictionaries.operation(services[both >> 32], names[both & 0xFFFFFFFF]) for both in pairs.tolist()]
    )
    resource_ids, resource_place = _ids(
        [
            dictionaries.resource(services[service], raw)
            for raw, service in zip(tables["resource"], gathered.resource_service, strict=True)
        ]
    )
    placed = {
        **columns,
        "service": service_place[columns["service"]],
        "operation": operation_place[operation],
        "resource": resource_place[columns["resource"]],
    }
    return blocks.BlockSpans(placed, service_ids, operation_ids, resource_ids)


def _ids(found: list[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(sorted distinct ids, place among them by code)."""
    return np.unique(np.array(found, np.int64), return_inverse=True)
