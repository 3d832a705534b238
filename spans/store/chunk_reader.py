"""Chunks from the database, decoded."""

from collections.abc import Sequence

from spans.store import database
from spans.store.chunks import Body, Head, decode_body, decode_head

# By primary key, the partitions by the cids themselves.
HEADS = """
SELECT cid, head
  FROM spans_chunk
 WHERE project_id = %(project_id)s
   AND cid = ANY (%(cids)s::bigint[])
 ORDER BY cid
"""
CHUNKS = HEADS.replace("cid, head", "cid, head, body")


def fetch_heads(
    cids: Sequence[int], *, timeout_ms: int | None = None, project_id: int = database.PROJECT
) -> list[Head]:
    """By cid ascending; a cid that is not stored any more is absent.

    Raises: UnknownChunkVersion, OutOfTime, DatabaseAway.
    """
    asked = {"project_id": project_id, "cids": list(cids)}
    return [decode_head(cid, head) for cid, head in database.read(HEADS, asked, timeout_ms=timeout_ms)]


def fetch_chunks(
    cids: Sequence[int], *, timeout_ms: int | None = None, project_id: int = database.PROJECT
) -> list[tuple[Head, Body]]:
    """Heads and bodies, by cid ascending; ask for no more than CHUNKS_DECODED_AT_ONCE at a time.

    Raises: UnknownChunkVersion, OutOfTime, DatabaseAway.
    """
    asked = {"project_id": project_id, "cids": list(cids)}
    chunks = []
    for cid, head_frame, body_frame in database.read(CHUNKS, asked, timeout_ms=timeout_ms):
        head = decode_head(cid, head_frame)
        chunks.append((head, decode_body(body_frame, head)))
    return chunks
