"""Trace → OTLP JSON, every span as it was sent.

Source: OTLP specification, "JSON Protobuf Encoding": ids in hex, 64-bit integers as text, enums as integers;
everything else as in proto3's own mapping.
"""

import base64
import math
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from spans.formats.otlp_decode import UNREADABLE
from spans.formats.otlp_lite import parse_span
from spans.store import trace_reader
from spans.trace.columns import Trace

HEX_FIELDS = frozenset({"trace_id", "span_id", "parent_span_id"})
Json = dict[str, Any]


def otlp_json(trace: Trace) -> Iterator[bytes]:
    """The trace as one OTLP/JSON document, in pieces: spans by resource and scope, in order of start."""
    groups = _groups(trace)
    yield b'{"resourceSpans":['
    for i, (resource, scopes) in enumerate(groups.items()):
        yield (b"," if i else b"") + _open(_message_json(resource, "ResourceSpans"), "scopeSpans")
        for j, (scope, spans) in enumerate(scopes.items()):
            yield (b"," if j else b"") + _open(_message_json(scope, "ScopeSpans"), "spans")
            yield b",".join(spans[row] for row in sorted(spans))
            yield b"]}"
        yield b"]}"
    yield b"]}"


def span_json(raw: bytes) -> Json:
    """One span of the wire as OTLP JSON."""
    try:
        return _message_json(raw, "Span")
    except DecodeError:
        return _unreadable(raw)


def _groups(trace: Trace) -> dict[bytes, dict[bytes, dict[int, bytes]]]:
    """Resource → scope → row → the span's JSON."""
    row_at = {
        (trace.cids[chunk], place): row
        for row, (chunk, place) in enumerate(zip(trace.chunk.tolist(), trace.place.tolist(), strict=True))
    }
    places: dict[int, list[int]] = {}
    for cid, place in row_at:
        places.setdefault(cid, []).append(place)
    groups: dict[bytes, dict[bytes, dict[int, bytes]]] = {}
    for head, body in trace_reader.chunks(list(places)):
        for place in places[head.cid]:
            scopes = groups.setdefault(body.resources[head.resource[place]], {})
            spans = scopes.setdefault(body.scopes[head.scope[place]], {})
            spans[row_at[head.cid, place]] = msgspec.json.encode(span_json(body.spans[place]))
    return groups


def _open(outer: Json, list_name: str) -> bytes:
    """The object `outer` without its end, and the start of its last field: a list."""
    start = msgspec.json.encode(outer)[:-1]
    return start + (b"," if outer else b"") + b'"%s":[' % list_name.encode()


def _message_json(raw: bytes, name: str) -> Json:
    """Raises: DecodeError for bytes that are no such message."""
    try:
        return _json(getattr(trace_pb2, name).FromString(raw))
    except DecodeError:  # text that is not UTF-8: read again with text as bytes
        return _json(_LOOSE[name].FromString(raw))


def _unreadable(raw: bytes) -> Json:
    """Of a span whose parts are no messages: its ids, and its bytes as an attribute."""
    span = parse_span(raw)
    note = {"key": UNREADABLE, "value": {"bytesValue": _base64(raw)}}
    ids = {"traceId": span.trace_id.hex(), "spanId": span.span_id.hex(), "parentSpanId": span.parent_id.hex()}
    times = {"startTimeUnixNano": str(span.start), "endTimeUnixNano": str(span.end)}
    return {**ids, "name": span.name.decode("utf-8", "replace"), **times, "attributes": [note]}


def _json(message: Message) -> Json:
    result: Json = {}
    for field, value in message.ListFields():
        if field.name in HEX_FIELDS:
            result[field.json_name] = value.hex()
            continue
        convert = _CONVERTERS.get(field.type, _unchanged)
        if field.type == FieldDescriptor.TYPE_BYTES and field.name != "bytes_value":
            convert = _text
        result[field.json_name] = [convert(item) for item in value] if field.is_repeated else convert(value)
    return result


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _unchanged(value: Any) -> Any:
    return value


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _loose_messages() -> dict[str, type[Message]]:
    """OTLP's own messages with every string as bytes, so that broken UTF-8 can be read."""
    pool = descriptor_pool.DescriptorPool()
    for module in (common_pb2, resource_pb2, trace_pb2):
        file = descriptor_pb2.FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        waiting = list(file.message_type)
        while waiting:
            message = waiting.pop()
            waiting.extend(message.nested_type)
            for field in message.field:
                if field.type == FieldDescriptor.TYPE_STRING:
                    field.type = FieldDescriptor.TYPE_BYTES
        pool.Add(file)
    package = trace_pb2.DESCRIPTOR.package
    names = ("ResourceSpans", "ScopeSpans", "Span")
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))
        for name in names
    }


_LOOSE = _loose_messages()


_CONVERTERS: dict[int, Callable[[Any], Any]] = {
    FieldDescriptor.TYPE_MESSAGE: _json,
    FieldDescriptor.TYPE_INT64: str,
    FieldDescriptor.TYPE_UINT64: str,
    FieldDescriptor.TYPE_FIXED64: str,
    FieldDescriptor.TYPE_SFIXED64: str,
    FieldDescriptor.TYPE_SINT64: str,
    FieldDescriptor.TYPE_DOUBLE: _number,
    FieldDescriptor.TYPE_FLOAT: _number,
    FieldDescriptor.TYPE_BYTES: _base64,
}
