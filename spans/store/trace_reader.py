"""One trace, or a few, out of the cellar: which chunks hold them, and what is in these chunks."""

from collections.abc import Iterator, Sequence

from spans.limits import CHUNKS_DECODED_AT_ONCE, TRACE_SPANS_MAX
from spans.store import chunk_reader, trace_map
from spans.store.chunks import Body, Head
from spans.store.database import PROJECT


def cids_of(trace_id: str, *, project_id: int = PROJECT) -> list[int]:
    """The chunks that hold spans of this trace, ascending; none when it is not stored."""
    return [row.cid for row in trace_map.chunks_of([trace_id], project_id=project_id).get(trace_id, [])]


def heads_of(
    trace_ids: Sequence[str], *, project_id: int = PROJECT, timeout_ms: int | None = None
) -> tuple[dict[str, list[int]], dict[str, int], list[Head]]:
    """(cids of each stored trace, spans left out of traces above TRACE_SPANS_MAX, heads of the chunks kept).

    Shape: cids ascending and complete; each head once, cid ascending.
    """
    by_trace = trace_map.chunks_of(trace_ids, project_id=project_id)
    kept: set[int] = set()
    left_out: dict[str, int] = {}
    for trace_id, rows in by_trace.items():
        spans = 0
        for row in sorted(rows, key=lambda row: (row.start_min_ns, row.cid)):
            if spans < TRACE_SPANS_MAX:
                kept.add(row.cid)
            else:
                left_out[trace_id] = left_out.get(trace_id, 0) + row.spans
            spans += row.spans
    heads = chunk_reader.fetch_heads(sorted(kept), timeout_ms=timeout_ms)
    return {trace_id: [row.cid for row in rows] for trace_id, rows in by_trace.items()}, left_out, heads


def chunks(cids: Sequence[int]) -> Iterator[tuple[Head, Body]]:
    """Whole chunks, a bounded number in memory at once. Shape: by cid; missing ones are absent."""
    wanted = sorted(set(cids))
    for low in range(0, len(wanted), CHUNKS_DECODED_AT_ONCE):
        yield from chunk_reader.fetch_chunks(wanted[low : low + CHUNKS_DECODED_AT_ONCE])
