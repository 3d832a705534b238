"""Which rows are second copies of a span.

Same span = equal trace id, span id, resource, scope and raw bytes. Senders retry: overlapping batches are
stored twice and shown once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import blake2b

import numpy as np

from spans.store import trace_reader
from spans.store.chunks import Body, Head
from spans.trace.columns import Column

# Equal bytes have these equal; only rows that agree in all of them are worth fetching.
TELLING = ("span_id", "parent_id", "start_ns", "duration_ns", "span_bytes", "name", "service", "status")


def second_copies(heads: Sequence[Head], columns: Mapping[str, Column], rows: Column) -> Column:
    """True for each of `rows` (of one trace, in order) that equals an earlier one."""
    result = np.zeros(len(rows), dtype=np.bool_)
    ids = np.sort(columns["span_id"][rows])
    if not (ids[1:] == ids[:-1]).any():
        return result
    suspects = _suspects({name: columns[name][rows] for name in TELLING})
    if not len(suspects):
        return result
    places = [
        (heads[head].cid, place)
        for head, place in zip(
            columns["head"][rows[suspects]].tolist(), columns["place"][rows[suspects]].tolist(), strict=True
        )
    ]
    seen: set[bytes] = set()
    digests = _digests(places)
    for row, place in zip(suspects.tolist(), places, strict=True):
        digest = digests.get(place)
        if digest is None:
            continue
        result[row] = digest in seen
        seen.add(digest)
    return result


def _suspects(columns: Mapping[str, Column]) -> Column:
    """The rows, ascending, that agree with another in every column."""
    order = np.lexsort(list(columns.values()))
    same = np.ones(len(order) - 1, dtype=np.bool_)
    for column in columns.values():
        same &= column[order][1:] == column[order][:-1]
    pairs = np.flatnonzero(same)
    return np.unique(np.concatenate((order[pairs], order[pairs + 1])))


def _digests(places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    by_cid: defaultdict[int, list[int]] = defaultdict(list)
    for cid, place in places:
        by_cid[cid].append(place)
    result = {}
    for head, body in trace_reader.chunks(list(by_cid)):
        for place in by_cid[head.cid]:
            result[head.cid, place] = _digest(head, body, place)
    return result


def _digest(head: Head, body: Body, place: int) -> bytes:
    digest = blake2b(digest_size=16)
    for part in (body.resources[head.resource[place]], body.scopes[head.scope[place]], body.spans[place]):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()
