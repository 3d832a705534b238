"""Spans that may match, decoded until it is known whether they do."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from spans.formats.otlp_decode import decode_resource, decode_scope, decode_span
from spans.limits import CHUNKS_DECODED_AT_ONCE
from spans.otel.resource import Resource, Scope
from spans.otel.span import Repair, Span
from spans.search.deadline import Deadline
from spans.search.fields import LINKED_TRACE
from spans.search.match import matches
from spans.search.query import And, CompareAttribute, Condition, Has, Operator, Or
from spans.store.chunk_reader import fetch_chunks
from spans.store.chunks import Body, Head

REPLACEMENT = "\ufffd"
Prefilter = Callable[[tuple[bytes, bytes, bytes]], bool]


class OpenChunk:
    """One chunk at hand; resources and scopes are decoded once, spans when asked for."""

    def __init__(self, head: Head, body: Body) -> None:
        self.head, self.body = head, body
        self._resources: dict[int, Resource] = {}
        self._scopes: dict[int, Scope] = {}

    def span(self, place: int) -> Span:
        head, body = self.head, self.body
        resource, scope = int(head.resource[place]), int(head.scope[place])
        if resource not in self._resources:
            self._resources[resource] = decode_resource(body.resources[resource])
        if scope not in self._scopes:
            self._scopes[scope] = decode_scope(body.scopes[scope])
        return decode_span(
            body.spans[place],
            self._resources[resource],
            self._scopes[scope],
            start_ns=int(head.start_ns[place]),
            duration_ns=int(head.duration_ns[place]),
            repairs=Repair(int(head.flags[place])),
        )

    def bytes_of(self, place: int) -> tuple[bytes, bytes, bytes]:
        """Everything in which an attribute of this span is written."""
        head, body = self.head, self.body
        shared = body.resources[int(head.resource[place])], body.scopes[int(head.scope[place])]
        return body.spans[place], *shared


class Prover:
    """Decides spans by their place in a chunk, each once."""

    def __init__(self, condition: Condition, deadline: Deadline) -> None:
        self._condition, self._deadline = condition, deadline
        self._may_match = _prefilter(condition)
        self._open: dict[int, OpenChunk] = {}
        self._decided: dict[tuple[int, int], bool] = {}

    def at_places(self, cid: NDArray[np.int64], place: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the spans at these places match.

        Raises: OutOfTime.
        """
        asked = list(zip(cid.tolist(), place.tolist(), strict=True))
        unknown = {one for one in asked if one not in self._decided}
        for chunk in self._opened({one for one, _ in unknown}):
            for inside in [where for one, where in unknown if one == chunk.head.cid]:
                self._decide(chunk, inside)
        return np.array([self._decided.get(one, False) for one in asked], np.bool_)

    def of_rows(self, rows: NDArray[np.void]) -> NDArray[np.bool_]:
        """Which of these spans from blocks match: looked for in their chunks by ids and times.

        Raises: OutOfTime.
        """
        result = np.zeros(len(rows), np.bool_)
        by_chunk: dict[int, list[int]] = {}
        for at, cid in enumerate(rows["cid"].tolist()):
            by_chunk.setdefault(cid, []).append(at)
        for chunk in self._opened(by_chunk):
            wanted = by_chunk[chunk.head.cid]
            places = _places(chunk.head, rows[wanted])
            for at, found in zip(wanted, places, strict=True):
                result[at] = any(self._decide(chunk, place) for place in found)
        return result

    def _decide(self, chunk: OpenChunk, place: int) -> bool:
        where = (chunk.head.cid, place)
        if where not in self._decided:
            may_match = self._may_match(chunk.bytes_of(place))
            self._decided[where] = may_match and matches(self._condition, chunk.span(place))
        return self._decided[where]

    def _opened(self, cids: Iterable[int]) -> Iterable[OpenChunk]:
        """These chunks, fetched a bounded number at a time; the last few stay at hand."""
        wanted = sorted(cids, reverse=True)
        for start in range(0, len(wanted), CHUNKS_DECODED_AT_ONCE):
            part = wanted[start : start + CHUNKS_DECODED_AT_ONCE]
            kept = {cid: self._open[cid] for cid in part if cid in self._open}
            missing = [cid for cid in part if cid not in kept]
            if missing:
                for head, body in fetch_chunks(missing, timeout_ms=self._deadline.left_ms()):
                    kept[head.cid] = OpenChunk(head, body)
                room = CHUNKS_DECODED_AT_ONCE - len(kept)
                others = [cid for cid in self._open if cid not in kept][-room:] if room else []
                self._open = {cid: self._open[cid] for cid in others} | kept
            for chunk in kept.values():
                self._deadline.left_ms()
                yield chunk


def _places(head: Head, rows: NDArray[np.void]) -> list[list[int]]:
    """For each row the places in the chunk that may be it: more than one when a span was stored twice."""
    span_id = head.span_id.view(np.int64)
    near = np.flatnonzero(np.isin(span_id, rows["span_id"])).tolist()
    by_key: dict[tuple[int, int, int, int], list[int]] = {}
    columns = (head.trace_low, span_id, head.start_ns, head.duration_ns)
    for place in near:
        by_key.setdefault(_key([int(column[place]) for column in columns]), []).append(place)
    asked = zip(
        *(rows[name].tolist() for name in ("trace_low", "span_id", "start_ns", "duration_ns")), strict=True
    )
    return [by_key.get(_key(one), []) for one in asked]


def _key(values: Sequence[int]) -> tuple[int, int, int, int]:
    low, span_id, start_ns, duration_ns = values
    return low, span_id, start_ns, duration_ns


def _prefilter(condition: Condition) -> Prefilter:
    """False when the bytes of a span can't hold what the condition needs: 1 µs instead of 30."""
    if isinstance(condition, And | Or):
        parts = [_prefilter(part) for part in condition.parts]
        join = all if isinstance(condition, And) else any
        return lambda written: join(part(written) for part in parts)
    if isinstance(condition, CompareAttribute | Has):
        needles = _needles(condition)
        return lambda written: all(any(needle in part for part in written) for needle in needles)
    return lambda _: True


def _needles(leaf: CompareAttribute | Has) -> tuple[bytes, ...]:
    """Bytes that stand in every span which meets the leaf: in the span itself, its resource or its scope."""
    key = leaf.attribute.key
    if key == LINKED_TRACE or REPLACEMENT in key:
        return ()
    if isinstance(leaf, CompareAttribute) and leaf.operator is Operator.EQUAL and _is_plain_text(leaf):
        return (leaf.text.encode(),)
    return (key.partition(".")[0].encode(),)  # a kvlist spells `key.sub` in two pieces


def _is_plain_text(leaf: CompareAttribute) -> bool:
    """Only a string can be equal to it, as its bytes stand."""
    is_other = leaf.number is not None or leaf.text in ("true", "false", "NaN", "Infinity", "-Infinity")
    return not is_other and REPLACEMENT not in leaf.text
