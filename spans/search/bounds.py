"""What columns alone say about a condition: which spans may meet it, which do for certain.

Blocks and heads of chunks hold service, name, duration, status and kind exactly, attributes not at all: of
those only the chunks are known in which they may be. Spans that may match, but not for certain, have to be
decoded.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from spans.limits import NAME_CHARACTERS_MAX
from spans.otel.span import SpanKind, StatusCode
from spans.search.match import name_contains
from spans.search.query import (
    And,
    CompareAttribute,
    CompareIntrinsic,
    Condition,
    Has,
    Intrinsic,
    NameContains,
    Not,
    Operator,
    Or,
)
from spans.store.block_walk import BlockSpans
from spans.store.dictionaries import OTHER, service_id
from spans.trace.columns import Trace

Mask = NDArray[np.bool_]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bounds:
    """By row. Shape: `must` implies `may`."""

    may: Mask
    must: Mask

    def negated(self) -> "Bounds":
        return Bounds(~self.must, ~self.may)


class Facts(Protocol):
    """Spans as columns."""

    @property
    def cid(self) -> Integers: ...
    @property
    def numbers(self) -> Mapping[Intrinsic, Integers]: ...
    def service(self, name: str) -> Bounds: ...
    def name(self, accepts: Callable[[str], bool]) -> Bounds: ...


class AttributeMask(Protocol):
    """In which chunks an attribute may be."""

    def mask(self, leaf: CompareAttribute | Has, cids: Integers) -> Mask: ...


def bounds_of(condition: Condition, facts: Facts, attributes: AttributeMask) -> Bounds:
    """The condition over all rows."""
    if isinstance(condition, Not):
        return bounds_of(condition.part, facts, attributes).negated()
    if isinstance(condition, And | Or):
        parts = [bounds_of(part, facts, attributes) for part in condition.parts]
        return _joined(parts, len(facts.cid), is_all=isinstance(condition, And))
    if isinstance(condition, CompareAttribute | Has):
        return Bounds(attributes.mask(condition, facts.cid), np.zeros(len(facts.cid), np.bool_))
    if isinstance(condition, NameContains):
        text = condition.text
        return facts.name(lambda name: name_contains(name, text))
    return _intrinsic(condition, facts)


def _joined(parts: Sequence[Bounds], rows: int, *, is_all: bool) -> Bounds:
    join = np.logical_and if is_all else np.logical_or
    may, must = np.full(rows, is_all), np.full(rows, is_all)
    for part in parts:
        may, must = join(may, part.may), join(must, part.must)
    return Bounds(may, must)


def _intrinsic(condition: CompareIntrinsic, facts: Facts) -> Bounds:
    if isinstance(condition.value, str):
        wanted = condition.value
        is_service = condition.field is Intrinsic.SERVICE
        found = facts.service(wanted) if is_service else facts.name(lambda name: name == wanted)
        return found if condition.operator is Operator.EQUAL else found.negated()
    numbers = facts.numbers[condition.field]
    value = min(condition.value, 2**63 - 1)
    found_mask = np.asarray(COMPARE[condition.operator](numbers, value), np.bool_)
    return Bounds(found_mask, found_mask)


COMPARE: dict[Operator, Callable[[Integers, int], Mask]] = {
    Operator.EQUAL: np.equal,
    Operator.NOT_EQUAL: np.not_equal,
    Operator.GREATER: np.greater,
    Operator.GREATER_OR_EQUAL: np.greater_equal,
    Operator.LESS: np.less,
    Operator.LESS_OR_EQUAL: np.less_equal,
}


def _numbers(duration_ns: Integers, status: Integers, kind: Integers) -> dict[Intrinsic, Integers]:
    """A status or kind that OpenTelemetry doesn't know reads as 0, as in a decoded span."""
    return {
        Intrinsic.DURATION: duration_ns,
        Intrinsic.STATUS: np.where(status > max(StatusCode), 0, status),
        Intrinsic.KIND: np.where(kind > max(SpanKind), 0, kind),
    }


class BlockFacts:
    """Spans of blocks. Names are known by their ids; id 0 and ids newer than `names` are open."""

    def __init__(self, spans: BlockSpans, names: Mapping[int, str]) -> None:
        self.cid, self._spans, self._names = spans.cid, spans, names
        self.numbers = _numbers(spans.duration_ns, spans.status, spans.kind)

    def service(self, name: str) -> Bounds:
        is_it = self._spans.service_id == service_id(name)
        return Bounds(is_it | (self._spans.service_id == OTHER), is_it)

    def name(self, accepts: Callable[[str], bool]) -> Bounds:
        distinct, inverse = np.unique(self._spans.operation_id, return_inverse=True)
        texts = [self._names.get(one) for one in distinct.tolist()]
        is_known = np.array(
            [text is not None and len(text) < NAME_CHARACTERS_MAX for text in texts], np.bool_
        )
        accepted = np.array([text is not None and accepts(text) for text in texts], np.bool_)
        return Bounds((accepted | ~is_known)[inverse], (accepted & is_known)[inverse])


class TraceFacts:
    """Spans of one trace, from the heads of its chunks: services and names are exact."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self.cid = np.array(trace.cids, np.int64)[trace.chunk]
        status, kind = trace.status.astype(np.int64), trace.kind.astype(np.int64)
        self.numbers = _numbers(trace.duration_ns, status, kind)

    def service(self, name: str) -> Bounds:
        return self._by_table(self._trace.services, self._trace.service, lambda text: text == name)

    def name(self, accepts: Callable[[str], bool]) -> Bounds:
        return self._by_table(self._trace.names, self._trace.name, accepts)

    def _by_table(
        self, table: Sequence[str], column: NDArray[np.int32], accepts: Callable[[str], bool]
    ) -> Bounds:
        found = np.array([accepts(text) for text in table], np.bool_)[column]
        return Bounds(found, found)
