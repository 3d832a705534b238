"""OTLP/JSON → OTLP protobuf, read leniently.

Beyond the specification are taken: ids as base64, enums by name, 64-bit integers as numbers, snake_case
names, NaN and Infinity bare or as text, `instrumentationLibrarySpans`. Unknown fields are ignored. A span
that can't be carried over is rejected and named, the rest of its request goes on.
Source: opentelemetry-proto, docs/specification.md, "JSON Protobuf Encoding"; protobuf, "ProtoJSON Format".
"""

import json
from typing import Any

from spans.formats.batch import BadBatch, Rejected
from spans.formats.json_fields import (
    BadField,
    base64_bytes,
    enum_number,
    identifier,
    items,
    member,
    object_at,
    text,
    to_bool,
    to_float,
    whole,
)
from spans.formats.otlp_lite import MESSAGES
from spans.otel.span import SpanKind, StatusCode

DEPTH_MAX = 64  # arrays and kvlists inside one another, as when they are read back
U32_MAX, U64_MAX, I64_MAX = 2**32 - 1, 2**64 - 1, 2**63 - 1
KINDS = {kind.name: int(kind) for kind in SpanKind}
CODES = {code.name: int(code) for code in StatusCode}


def to_protobuf(body: bytes) -> tuple[bytes, Rejected]:
    """An ExportTraceServiceRequest, and the spans of `body` that it can't hold.

    Ids of another length are carried over as they are: `parse_batch` rejects those spans.
    Raises: BadBatch 400 when the body is no JSON object, or its resources or scopes can't be read.
    """
    return document_to_protobuf(load_json(body))


def load_json(body: bytes) -> Any:
    """The document. Raises: BadBatch 400."""
    try:
        return json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadBatch(
            400, f"the body is not UTF-8: byte {error.start} is 0x{body[error.start]:02x}"
        ) from error
    except RecursionError as error:
        raise BadBatch(400, "the JSON is nested too deeply") from error
    except ValueError as error:
        raise BadBatch(400, f"the body is not JSON: {error}") from error


def document_to_protobuf(document: Any) -> tuple[bytes, Rejected]:
    """As `to_protobuf`, of a document that is parsed already."""
    rejected = Rejected()
    request = MESSAGES["Request"]()
    try:
        for in_resource in items(object_at(document, "the body"), "resourceSpans"):
            _take_resource(object_at(in_resource, "resourceSpans"), request.resource_spans.add(), rejected)
    except BadField as error:
        raise BadBatch(400, str(error)) from error
    return bytes(request.SerializeToString()), rejected


def _take_resource(source: dict[str, Any], target: Any, rejected: Rejected) -> None:
    resource = object_at(member(source, "resource") or {}, "resource")
    target.resource = _serialized(
        "Resource",
        attributes=_attributes(resource),
        dropped_attributes_count=_dropped(resource, "Attributes"),
    )
    target.schema_url = text(member(source, "schemaUrl"), "schemaUrl")
    scoped = [(item, "scope") for item in items(source, "scopeSpans")]
    scoped += [(item, "instrumentationLibrary") for item in items(source, "instrumentationLibrarySpans")]
    for in_scope, name in scoped:
        _take_scope(object_at(in_scope, "scopeSpans"), name, target.scope_spans.add(), rejected)


def _take_scope(source: dict[str, Any], name: str, target: Any, rejected: Rejected) -> None:
    scope = object_at(member(source, name) or {}, name)
    target.scope = _serialized(
        "Scope",
        name=text(member(scope, "name"), f"{name}.name"),
        version=text(member(scope, "version"), f"{name}.version"),
        attributes=_attributes(scope),
        dropped_attributes_count=_dropped(scope, "Attributes"),
    )
    target.schema_url = text(member(source, "schemaUrl"), "schemaUrl")
    for span in items(source, "spans"):
        try:
            target.spans.append(_span(object_at(span, "a span")))
        except BadField as error:
            rejected.add(f"{_name_of(span)}: {error}")


def _span(source: dict[str, Any]) -> bytes:
    status = object_at(member(source, "status") or {}, "status")
    return _serialized(
        "Span",
        trace_id=identifier(source, "traceId", 16),
        span_id=identifier(source, "spanId", 8),
        parent_id=identifier(source, "parentSpanId", 8),
        trace_state=text(member(source, "traceState"), "traceState"),
        name=text(member(source, "name"), "name"),
        kind=enum_number(member(source, "kind"), KINDS, prefix="SPAN_KIND_", what="kind"),
        start=whole(source, "startTimeUnixNano", at_most=U64_MAX),
        end=whole(source, "endTimeUnixNano", at_most=U64_MAX),
        attributes=_attributes(source),
        events=[_event(object_at(event, "events")) for event in items(source, "events")],
        links=[_link(object_at(link, "links")) for link in items(source, "links")],
        status=_serialized(
            "Status",
            message=text(member(status, "message"), "status.message"),
            code=enum_number(member(status, "code"), CODES, prefix="STATUS_CODE_", what="status.code"),
        ),
        flags=whole(source, "flags", at_most=U32_MAX),
        dropped_attributes_count=_dropped(source, "Attributes"),
        dropped_events_count=_dropped(source, "Events"),
        dropped_links_count=_dropped(source, "Links"),
    )


def _event(source: dict[str, Any]) -> bytes:
    return _serialized(
        "Event",
        time=whole(source, "timeUnixNano", at_most=U64_MAX),
        name=text(member(source, "name"), "events.name"),
        attributes=_attributes(source),
        dropped_attributes_count=_dropped(source, "Attributes"),
    )


def _link(source: dict[str, Any]) -> bytes:
    return _serialized(
        "Link",
        trace_id=identifier(source, "traceId", 16),
        span_id=identifier(source, "spanId", 8),
        trace_state=text(member(source, "traceState"), "links.traceState"),
        attributes=_attributes(source),
        dropped_attributes_count=_dropped(source, "Attributes"),
        flags=whole(source, "flags", at_most=U32_MAX),
    )


def _attributes(source: dict[str, Any]) -> list[bytes]:
    return [_key_value(object_at(pair, "attributes"), DEPTH_MAX) for pair in items(source, "attributes")]


def _key_value(source: dict[str, Any], depth: int) -> bytes:
    """A null or missing value is a KeyValue without one."""
    key, value = text(member(source, "key"), "attributes.key"), member(source, "value")
    message = MESSAGES["KeyValue"](key=key)
    if value is not None:
        message.value = _any_value(object_at(value, "attributes.value"), depth)
    serialized = bytes(message.SerializeToString())
    # An AnyValue that is there, but empty, is a field of no bytes: proto3 would leave it out.
    return serialized + b"\x12\x00" if value is not None and not message.value else serialized


def _any_value(source: dict[str, Any], depth: int) -> bytes:
    if not depth:
        raise BadField(f"attribute values are nested deeper than {DEPTH_MAX}")
    for name, (field, convert) in SCALARS.items():
        value = member(source, name)
        if value is not None:
            return _serialized("AnyValue", **{field: convert(value)})
    for name, field in (("arrayValue", "array_value"), ("kvlistValue", "kvlist_value")):
        value = member(source, name)
        if value is not None:
            values = items(object_at(value, name), "values")
            convert_item = _item if name == "arrayValue" else _key_value
            inner = [convert_item(object_at(item, name), depth - 1) for item in values]
            return _serialized("AnyValue", **{field: _serialized("Values", values=inner)})
    return b""


def _item(source: dict[str, Any], depth: int) -> bytes:
    return _any_value(source, depth)


SCALARS: dict[str, tuple[str, Any]] = {
    "stringValue": ("string_value", lambda value: text(value, "stringValue")),
    "boolValue": ("bool_value", to_bool),
    "intValue": (
        "int_value",
        lambda value: whole({"intValue": value}, "intValue", at_most=I64_MAX, at_least=-(2**63)),
    ),
    "doubleValue": ("double_value", to_float),
    "bytesValue": ("bytes_value", base64_bytes),
}


def _dropped(source: dict[str, Any], what: str) -> int:
    return whole(source, f"dropped{what}Count", at_most=U32_MAX)


def _serialized(message: str, /, **fields: Any) -> bytes:
    return bytes(MESSAGES[message](**fields).SerializeToString())


def _name_of(span: Any) -> str:
    name = span.get("name") if isinstance(span, dict) else None
    return f'span "{str(name)[:80]}"' if name else "a span without a name"
