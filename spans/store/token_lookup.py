"""Tokens → the chunks that may hold an attribute, out of the sorted runs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spans.limits import CHUNKS_PER_FLUSH_MAX
from spans.store import database
from spans.store.tokens import EVERY_CHUNK, prefixes

Integers = NDArray[np.int64]
CHUNK_MASK = CHUNKS_PER_FLUSH_MAX - 1


@dataclass(frozen=True, slots=True)
class TokenHits:
    """Where tokens were found. Shape: `every` are flushes all of whose chunks count; both sorted."""

    chunks: Integers
    every: Integers

    def mask(self, cids: Integers) -> NDArray[np.bool_]:
        """Which of these chunks may hold the attribute."""
        return np.isin(cids, self.chunks) | np.isin(cids & ~CHUNK_MASK, self.every)

    @property
    def flushes(self) -> Integers:
        return np.union1d(self.chunks & ~CHUNK_MASK, self.every)


NOWHERE = TokenHits(np.zeros(0, np.int64), np.zeros(0, np.int64))

# One row for each run that holds one of the tokens, by (prefix, cid).
HITS = """
SELECT cid, ARRAY(SELECT pair.chunk
                    FROM unnest(tokens, chunks) AS pair (token, chunk)
                   WHERE pair.token = ANY (%(tokens)s::int[]))
  FROM spans_token_run
 WHERE project_id = %(project_id)s
   AND prefix = ANY (%(prefixes)s::smallint[])
   AND tokens && %(tokens)s::int[]
   {flushes}
 LIMIT %(limit)s
"""
OF_FLUSHES = "AND cid = ANY (%(cids)s::bigint[])"


def find_tokens(
    tokens: Sequence[int],
    *,
    runs_max: int,
    flush_cids: Sequence[int] | None = None,
    timeout_ms: int | None = None,
    project_id: int = database.PROJECT,
) -> TokenHits | None:
    """Chunks that may hold one of the tokens, in all flushes or in some; None: in more than `runs_max` runs.

    Raises: OutOfTime after `timeout_ms`.
    """
    asked = {
        "project_id": project_id,
        "tokens": list(tokens),
        "prefixes": sorted({prefix for token in tokens for prefix in prefixes(token)}),
        "cids": None if flush_cids is None else list(flush_cids),
        "limit": runs_max + 1,
    }
    sql = HITS.format(flushes="" if flush_cids is None else OF_FLUSHES)
    rows = database.read(sql, asked, timeout_ms=timeout_ms)
    if len(rows) > runs_max:
        return None
    chunks = [cid + chunk for cid, found in rows for chunk in found if chunk != EVERY_CHUNK]
    every = [cid for cid, found in rows if EVERY_CHUNK in found]
    return TokenHits(np.unique(np.array(chunks, np.int64)), np.unique(np.array(every, np.int64)))


def merge(hits: Sequence[TokenHits]) -> TokenHits:
    """All of them together."""
    return TokenHits(
        np.unique(np.concatenate([NOWHERE.chunks, *(one.chunks for one in hits)])),
        np.unique(np.concatenate([NOWHERE.every, *(one.every for one in hits)])),
    )
