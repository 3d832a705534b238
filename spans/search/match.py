"""Does a decoded span meet a condition? This is what a query means; all else only gets there sooner."""

import operator
from collections.abc import Callable, Iterator

from spans.otel.attributes import Attributes, AttributeValue, KeyValueList, as_text
from spans.otel.span import Span
from spans.search.fields import LINKED_TRACE, number_of
from spans.search.query import (
    And,
    Attribute,
    CompareAttribute,
    CompareIntrinsic,
    Condition,
    Has,
    Intrinsic,
    NameContains,
    Not,
    Operator,
    Or,
    Place,
)

COMPARE: dict[Operator, Callable[[int | float, int | float], bool]] = {
    Operator.GREATER: operator.gt,
    Operator.GREATER_OR_EQUAL: operator.ge,
    Operator.LESS: operator.lt,
    Operator.LESS_OR_EQUAL: operator.le,
}


def matches(condition: Condition, span: Span) -> bool:
    """Whether the one span meets the whole condition."""
    if isinstance(condition, And):
        return all(matches(part, span) for part in condition.parts)
    if isinstance(condition, Or):
        return any(matches(part, span) for part in condition.parts)
    if isinstance(condition, Not):
        return not matches(condition.part, span)
    if isinstance(condition, NameContains):
        return name_contains(span.name, condition.text)
    if isinstance(condition, CompareIntrinsic):
        return _intrinsic(condition, span)
    if isinstance(condition, Has):
        return has(span, condition.attribute)
    return _attribute(condition, span)


def name_contains(name: str, text: str) -> bool:
    return text.casefold() in name.casefold()


def compare(value: int | float, operator: Operator, other: int | float) -> bool:
    """Numbers; an int against a double is compared exactly."""
    if operator is Operator.EQUAL:
        return value == other
    if operator is Operator.NOT_EQUAL:
        return value != other
    return COMPARE[operator](value, other)


def _intrinsic(condition: CompareIntrinsic, span: Span) -> bool:
    if isinstance(condition.value, str):
        own = span.service if condition.field is Intrinsic.SERVICE else span.name
        return (own == condition.value) == (condition.operator is Operator.EQUAL)
    number = {
        Intrinsic.DURATION: span.duration_ns,
        Intrinsic.STATUS: int(span.status.code),
        Intrinsic.KIND: int(span.kind),
    }[condition.field]
    return compare(number, condition.operator, condition.value)


def _attribute(condition: CompareAttribute, span: Span) -> bool:
    if condition.operator is Operator.NOT_EQUAL:
        found = any(_equal(value, condition) for value in values_of(span, condition.attribute))
        return not found and has(span, condition.attribute)
    if condition.operator is Operator.EQUAL:
        return any(_equal(value, condition) for value in values_of(span, condition.attribute))
    return any(_in_range(value, condition) for value in values_of(span, condition.attribute))


def _equal(value: AttributeValue, condition: CompareAttribute) -> bool:
    """Equal as text, or both are numbers and equal. Bytes and values that were not set equal nothing."""
    if value is None or isinstance(value, bytes):
        return False
    if isinstance(value, int | float) and not isinstance(value, bool) and condition.number is not None:
        return value == condition.number
    return as_text(value) == condition.text


def _in_range(value: AttributeValue, condition: CompareAttribute) -> bool:
    """Numbers, and strings that are written like one."""
    number = number_of(value) if isinstance(value, str) else value
    if not isinstance(number, int | float) or isinstance(number, bool) or condition.number is None:
        return False
    return compare(number, condition.operator, condition.number)


def has(span: Span, attribute: Attribute) -> bool:
    """The key is there: as it stands, or as `key.sub` of a kvlist."""
    if attribute.key == LINKED_TRACE and span.links:
        return True
    if any(
        key == attribute.key for attributes in _attributes(span, attribute.place) for key, _ in attributes
    ):
        return True
    return any(True for _ in values_of(span, attribute))


def values_of(span: Span, attribute: Attribute) -> Iterator[AttributeValue]:
    """All values under a key: elements of arrays one by one, `key.sub` inside kvlists."""
    if attribute.key == LINKED_TRACE:
        yield from (link.trace_id for link in span.links)
    for attributes in _attributes(span, attribute.place):
        for key, value in attributes:
            if attribute.key.startswith(key):
                yield from _leaves(key, value, attribute.key)


def _leaves(path: str, value: AttributeValue, wanted: str) -> Iterator[AttributeValue]:
    if isinstance(value, KeyValueList):
        for key, item in value:
            yield from _leaves(f"{path}.{key}", item, wanted)
    elif isinstance(value, tuple):
        for item in value:
            yield from _leaves(path, item, wanted)
    elif path == wanted:
        yield value


def _attributes(span: Span, place: Place) -> Iterator[Attributes]:
    if place in (Place.ANY, Place.SPAN):
        yield span.attributes
    if place in (Place.ANY, Place.RESOURCE):
        yield span.resource.attributes
    if place in (Place.ANY, Place.SCOPE):
        yield span.scope.attributes
    if place in (Place.ANY, Place.EVENT):
        yield from (event.attributes for event in span.events)
    if place in (Place.ANY, Place.LINK):
        yield from (link.attributes for link in span.links)
