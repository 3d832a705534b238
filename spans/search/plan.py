"""Query → which blocks to walk."""

from dataclasses import dataclass

import numpy as np

from spans.limits import NAME_CHARACTERS_MAX
from spans.otel.clock import TimeWindow
from spans.otel.span import StatusCode
from spans.search.attribute_chunks import AttributeChunks
from spans.search.deadline import Deadline
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
    Query,
    leaves,
)
from spans.store.block_walk import ALL_DURATIONS, Zones, operation_texts
from spans.store.blocks import duration_bucket
from spans.store.dictionaries import OTHER, service_id

COLUMNS = {Intrinsic.STATUS: "status", Intrinsic.KIND: "kind"}
NONE_OF_THEM, BITS = 0, 64
NEGATED = {
    Operator.EQUAL: Operator.NOT_EQUAL,
    Operator.NOT_EQUAL: Operator.EQUAL,
    Operator.GREATER: Operator.LESS_OR_EQUAL,
    Operator.GREATER_OR_EQUAL: Operator.LESS,
    Operator.LESS: Operator.GREATER_OR_EQUAL,
    Operator.LESS_OR_EQUAL: Operator.GREATER,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Shape: `names` has every operation of the services in question; none without need."""

    condition: Condition
    zones: Zones
    names: dict[int, str]
    attributes: AttributeChunks

    @property
    def columns(self) -> set[str]:
        """What the blocks have to be asked for."""
        fields = {leaf.field for leaf in leaves(self.condition) if isinstance(leaf, CompareIntrinsic)}
        wanted = {name for field, name in COLUMNS.items() if field in fields}
        return wanted | ({"operation"} if any(map(_asks_name, leaves(self.condition))) else set())

    @property
    def is_proved_by_columns(self) -> bool:
        """No span has to be decoded to know whether it matches."""
        return not any(isinstance(leaf, CompareAttribute | Has) for leaf in leaves(self.condition))


def plan_of(query: Query, window: TimeWindow | None, deadline: Deadline) -> Plan:
    """Where to look; asks the dictionaries for names and the token runs for rare attributes.

    Raises: OutOfTime.
    """
    condition = query.selector
    services = _services(condition, is_negated=False)
    service_ids = None if services is None else tuple(sorted(services))
    names = {}
    if any(_asks_name(leaf) for leaf in leaves(condition)):
        names = operation_texts(service_ids, timeout_ms=deadline.left_ms())
    attributes = AttributeChunks(condition, deadline)
    attributes.look_everywhere()
    operations = _operations(condition, names, is_negated=False)
    zones = Zones(
        service_ids=service_ids,
        ok_durations=_durations(condition, is_negated=False, is_error=False),
        error_durations=_durations(condition, is_negated=False, is_error=True),
        operation_ids=None if operations is None else tuple(sorted(operations)),
        flush_cids=attributes.flushes(condition),
        window=window,
    )
    return Plan(condition, zones, names, attributes)


def _asks_name(leaf: Condition) -> bool:
    is_compared = isinstance(leaf, CompareIntrinsic) and leaf.field is Intrinsic.NAME
    return is_compared or isinstance(leaf, NameContains)


def _services(condition: Condition, *, is_negated: bool) -> frozenset[int] | None:
    """Ids outside of which no span can match; None: any may. 0 is always among them."""
    if isinstance(condition, Not):
        return _services(condition.part, is_negated=not is_negated)
    if isinstance(condition, And | Or):
        parts = [_services(part, is_negated=is_negated) for part in condition.parts]
        return _joined(parts, is_all=isinstance(condition, And) != is_negated)
    if isinstance(condition, CompareIntrinsic) and isinstance(condition.value, str):
        is_equal = (condition.operator is Operator.EQUAL) != is_negated
        if condition.field is Intrinsic.SERVICE and is_equal:
            return frozenset((service_id(condition.value), OTHER))
    return None


def _operations(condition: Condition, names: dict[int, str], *, is_negated: bool) -> frozenset[int] | None:
    """Ids of operations outside of which no span can match; None: any may."""
    if isinstance(condition, Not):
        return _operations(condition.part, names, is_negated=not is_negated)
    if isinstance(condition, And | Or):
        parts = [_operations(part, names, is_negated=is_negated) for part in condition.parts]
        return _joined(parts, is_all=isinstance(condition, And) != is_negated)
    if is_negated or not _asks_name(condition):
        return None
    if isinstance(condition, NameContains):
        text = condition.text
        return frozenset(one for one, name in names.items() if name_contains(name, text) or _is_cut(name))
    assert isinstance(condition, CompareIntrinsic), "only these ask for a name"
    if condition.operator is not Operator.EQUAL:
        return None
    return frozenset(one for one, name in names.items() if name == condition.value or _is_cut(name))


def _is_cut(name: str) -> bool:
    """The dictionary may hold only the beginning of this name."""
    return len(name) >= NAME_CHARACTERS_MAX


def _joined(parts: list[frozenset[int] | None], *, is_all: bool) -> frozenset[int] | None:
    known = [part for part in parts if part is not None]
    if is_all:
        return frozenset.intersection(*known) if known else None
    return frozenset.union(*known) if known and len(known) == len(parts) else None


def _durations(condition: Condition, *, is_negated: bool, is_error: bool) -> int:
    """Bitmap of the durations that a span with, or without, an error can have and match."""
    if isinstance(condition, Not):
        return _durations(condition.part, is_negated=not is_negated, is_error=is_error)
    if isinstance(condition, And | Or):
        is_all = isinstance(condition, And) != is_negated
        bitmap = ALL_DURATIONS if is_all else NONE_OF_THEM
        for part in condition.parts:
            inner = _durations(part, is_negated=is_negated, is_error=is_error)
            bitmap = bitmap & inner if is_all else bitmap | inner
        return bitmap
    if not isinstance(condition, CompareIntrinsic) or isinstance(condition.value, str):
        return ALL_DURATIONS
    asked = NEGATED[condition.operator] if is_negated else condition.operator
    if condition.field is Intrinsic.DURATION:
        return _bitmap(asked, condition.value)
    if condition.field is Intrinsic.STATUS:
        is_wanted = (condition.value == StatusCode.ERROR) == (asked is Operator.EQUAL)
        can_be_both = condition.value != StatusCode.ERROR and asked is Operator.NOT_EQUAL
        return ALL_DURATIONS if can_be_both or is_wanted == is_error else NONE_OF_THEM
    return ALL_DURATIONS


def _bitmap(operator: Operator, duration_ns: int) -> int:
    """The buckets in which a duration compares so with `duration_ns`, as the signed integer of the column."""
    bucket = int(duration_bucket(np.array([min(duration_ns, 2**63 - 1)]))[0])
    everything = (1 << BITS) - 1
    if operator is Operator.NOT_EQUAL:
        return ALL_DURATIONS
    if operator is Operator.EQUAL:
        bitmap = 1 << bucket
    elif operator in (Operator.GREATER, Operator.GREATER_OR_EQUAL):
        bitmap = everything ^ ((1 << bucket) - 1)
    else:
        bitmap = (1 << (bucket + 1)) - 1
    return bitmap - (1 << BITS) if bitmap >> (BITS - 1) else bitmap
