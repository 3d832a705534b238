"""Which fields a query can name, and what each compares with."""

import re

from spans.otel.clock import parse_duration_ns
from spans.otel.span import SpanKind, StatusCode
from spans.search.query import Attribute, Intrinsic, Operator, Place

EQUALITY = (Operator.EQUAL, Operator.NOT_EQUAL)
OPERATORS: dict[Intrinsic, tuple[Operator, ...]] = {
    Intrinsic.SERVICE: EQUALITY,
    Intrinsic.NAME: EQUALITY,
    Intrinsic.DURATION: tuple(Operator),
    Intrinsic.STATUS: EQUALITY,
    Intrinsic.KIND: EQUALITY,
}
STATUS_CODES = {code.name.lower(): code for code in StatusCode}
KINDS = {kind.name.lower(): kind for kind in SpanKind}
LINKED_TRACE = "link:traceID"
DURATION_EXPECTED = "a number and one of ns, us, ms, s, m, h"
# Not asked yet; taking them for attributes now would change their meaning later.
LATER = {"trace.duration": "The duration of a whole trace", "span_count": "The number of spans of a trace"}

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_SERVICE_NAMES = {"service", "service.name", "resource.service.name"}


def field_of(key: str) -> Intrinsic | Attribute:
    """What an unquoted key means: an intrinsic, else an attribute, whose place may stand before it."""
    if key.lower() in _SERVICE_NAMES:
        return Intrinsic.SERVICE
    if key.lower() in set(Intrinsic):
        return Intrinsic(key.lower())
    return attribute_of(key)


def attribute_of(key: str) -> Attribute:
    """The attribute behind `http.route` or `span.http.route`."""
    place, dot, rest = key.partition(".")
    if dot and rest and place in set(Place):
        return Attribute(rest, Place(place))
    return Attribute(key)


def number_of(text: str) -> int | float | None:
    """ "500" → 500, "1.5" → 1.5; None when the text is no decimal number. Whole numbers stay exact."""
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return int(text)
    except ValueError:
        return float(text)


def duration_ns_of(text: str) -> int | None:
    """Nanoseconds; "0" needs no unit."""
    return 0 if text == "0" else parse_duration_ns(text)
