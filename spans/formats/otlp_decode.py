"""Stored bytes → otel.Span, whole. What can't be read becomes a readable note, never an exception.

Source: opentelemetry/proto/{trace,common,resource}/v1/*.proto.
"""

from collections.abc import Callable, Iterable
from typing import Any

from google.protobuf.message import DecodeError

from spans.formats import otlp_lite as lite
from spans.otel.attributes import Attributes, AttributeValue, KeyValueList
from spans.otel.ids import NO_SPAN_ID
from spans.otel.resource import Resource, Scope
from spans.otel.span import Event, Link, Repair, Span, SpanKind, Status, StatusCode

UNREADABLE = "unreadable"  # key of the note in place of an attribute, name of the note in place of an event
DEPTH_MAX = 64  # arrays and kvlists inside one another


def decode_span(
    raw: bytes,
    resource: Resource,
    scope: Scope,
    *,
    start_ns: int,
    duration_ns: int,
    repairs: Repair = Repair.NONE,
) -> Span:
    """The whole span; `start_ns`, `duration_ns` and `repairs` come from the chunk's head."""
    message = _parsed(lite.parse_span, raw) or lite.parse_span(b"")
    parent_id = message.parent_id.hex()
    status = _parsed(lite.parse_status, message.status)
    return Span(
        trace_id=message.trace_id.hex(),
        span_id=message.span_id.hex(),
        parent_span_id="" if parent_id == NO_SPAN_ID else parent_id,
        name=text(message.name),
        kind=SpanKind(message.kind) if message.kind in KINDS else SpanKind.UNSPECIFIED,
        start_ns=start_ns,
        duration_ns=duration_ns,
        status=Status(
            StatusCode(status.code) if status.code in CODES else StatusCode.UNSET, text(status.message)
        )
        if status
        else Status(),
        attributes=decode_attributes(message.attributes),
        events=tuple(map(_event, message.events)),
        links=tuple(map(_link, message.links)),
        resource=resource,
        scope=scope,
        trace_state=text(message.trace_state),
        flags=message.flags,
        dropped_attributes_count=message.dropped_attributes_count,
        dropped_events_count=message.dropped_events_count,
        dropped_links_count=message.dropped_links_count,
        repairs=repairs,
    )


def decode_resource(message: bytes) -> Resource:
    """Of a ResourceSpans message, whose spans are not looked at."""
    outer = _parsed(lite.parse_resource_spans, message)
    inner = _parsed(lite.parse_resource, outer.resource) if outer else None
    if not outer or not inner:
        return Resource(_unreadable(message))
    return Resource(
        decode_attributes(inner.attributes), inner.dropped_attributes_count, text(outer.schema_url)
    )


def decode_scope(message: bytes) -> Scope:
    """Of a ScopeSpans message, whose spans are not looked at."""
    outer = _parsed(lite.parse_scope_spans, message)
    inner = _parsed(lite.parse_scope, outer.scope) if outer else None
    if not outer or not inner:
        return Scope(attributes=_unreadable(message))
    attributes, dropped = decode_attributes(inner.attributes), inner.dropped_attributes_count
    return Scope(text(inner.name), text(inner.version), attributes, dropped, text(outer.schema_url))


def decode_attributes(raws: Iterable[bytes]) -> Attributes:
    """KeyValue messages as pairs, in the order they came in."""
    return tuple(decode_attribute(raw) for raw in raws)


def decode_attribute(raw: bytes) -> tuple[str, AttributeValue]:
    message = _parsed(lite.parse_key_value, raw)
    if not message:
        return UNREADABLE, raw
    return text(message.key), _value(message.value, DEPTH_MAX)


def text(raw: bytes) -> str:
    """UTF-8; what isn't becomes U+FFFD."""
    return raw.decode("utf-8", "replace")


KINDS, CODES = frozenset(SpanKind), frozenset(StatusCode)


def _value(raw: bytes, depth: int) -> AttributeValue:
    message = _parsed(lite.parse_any_value, raw)
    field = message.WhichOneof("value") if message and depth else None
    if not field:
        return None if not raw else raw if not message or not depth else None
    value = getattr(message, field)
    if field == "string_value":
        return text(value)
    if field not in ("array_value", "kvlist_value"):
        return value  # type: ignore[no-any-return]  # bool, int, float or bytes, by the field's declaration
    inner = _parsed(lite.parse_values, value)
    if not inner:
        return value  # type: ignore[no-any-return]  # its bytes, for want of more
    if field == "array_value":
        return tuple(_value(item, depth - 1) for item in inner.values)
    return KeyValueList(_pair(item, depth - 1) for item in inner.values)


def _pair(raw: bytes, depth: int) -> tuple[str, AttributeValue]:
    message = _parsed(lite.parse_key_value, raw)
    return (text(message.key), _value(message.value, depth)) if message else (UNREADABLE, raw)


def _event(raw: bytes) -> Event:
    message = _parsed(lite.parse_event, raw)
    if not message:
        return Event(UNREADABLE, 0, _unreadable(raw))
    attributes = decode_attributes(message.attributes)
    return Event(text(message.name), message.time, attributes, message.dropped_attributes_count)


def _link(raw: bytes) -> Link:
    message = _parsed(lite.parse_link, raw)
    if not message:
        return Link("", "", attributes=_unreadable(raw))
    return Link(
        message.trace_id.hex(),
        message.span_id.hex(),
        text(message.trace_state),
        decode_attributes(message.attributes),
        message.dropped_attributes_count,
        message.flags,
    )


def _unreadable(raw: bytes) -> Attributes:
    return ((UNREADABLE, raw),)


def _parsed(parse: Callable[[bytes], Any], raw: bytes) -> Any:
    """The message; None when the bytes are none."""
    try:
        return parse(raw)
    except DecodeError:
        return None
