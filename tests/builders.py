"""Spans and requests made to measure, and the way into the test database.

store(request_of(make_span(name="GET /cart"), service="cart"))
"""

import itertools
import secrets
import time
from collections.abc import Mapping
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from spans.formats.otlp import Batch, parse_batch
from spans.store.database import connect
from spans.store.flush import FlushWriter, Outcome

_number = itertools.count(1)


def fresh_trace_id() -> str:
    """32 hex digits that no other test uses."""
    return secrets.token_hex(16)


def fresh_span_id() -> str:
    return secrets.token_hex(8)


def fresh_service(name: str = "service") -> str:
    """A service name that no other test uses."""
    return f"{name}-{secrets.token_hex(6)}"


def make_span(**changes: Any) -> Span:
    """A span of 10 ms that started just now, in a trace of its own.

    Keywords: `trace_id`, `span_id`, `parent_id` (hex), `name`, `kind`, `start_ns`, `duration_ns` or
    `end_ns`, `status` (0, 1, 2), `message`, `attributes` (dict), `events`, `links` (protobuf messages),
    `trace_state`, `flags`.
    """
    start_ns = changes.pop("start_ns", time.time_ns())
    end_ns = changes.pop("end_ns", start_ns + changes.pop("duration_ns", 10_000_000))
    attributes = changes.pop("attributes", {})
    status = Status(code=changes.pop("status", 0), message=changes.pop("message", ""))
    return Span(
        trace_id=bytes.fromhex(changes.pop("trace_id", None) or fresh_trace_id()),
        span_id=bytes.fromhex(changes.pop("span_id", None) or fresh_span_id()),
        parent_span_id=bytes.fromhex(changes.pop("parent_id", "")),
        name=changes.pop("name", f"span {next(_number)}"),
        kind=changes.pop("kind", 2),
        start_time_unix_nano=start_ns,
        end_time_unix_nano=end_ns,
        status=status if status.code or status.message else None,
        attributes=key_values(attributes),
        **changes,
    )


def key_values(attributes: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in attributes.items()]


def any_value(value: Any) -> AnyValue:
    """A Python value as OTLP has it: lists are arrays, dicts kvlists, None no value."""
    if value is None:
        return AnyValue()
    if isinstance(value, list):
        return AnyValue(array_value=ArrayValue(values=map(any_value, value)))
    if isinstance(value, dict):
        return AnyValue(kvlist_value=KeyValueList(values=key_values(value)))
    fields = {
        str: "string_value",
        bool: "bool_value",
        int: "int_value",
        float: "double_value",
        bytes: "bytes_value",
    }
    return AnyValue(**{fields[type(value)]: value})


def request_of(
    *spans: Span,
    service: str | None = "shop",
    resource: Mapping[str, Any] | None = None,
    scope: str = "",
    scope_version: str = "",
    scope_attributes: Mapping[str, Any] | None = None,
    schema_url: str = "",
) -> bytes:
    """An ExportTraceServiceRequest of one resource and one scope. `service=None`: no service.name."""
    request = ExportTraceServiceRequest()
    in_resource = request.resource_spans.add(schema_url=schema_url)
    named = {} if service is None else {"service.name": service}
    in_resource.resource.attributes.extend(key_values({**named, **(resource or {})}))
    in_scope = in_resource.scope_spans.add()
    in_scope.scope.name, in_scope.scope.version = scope, scope_version
    in_scope.scope.attributes.extend(key_values(scope_attributes or {}))
    in_scope.spans.extend(spans)
    return bytes(request.SerializeToString())


def batch_of(body: bytes, *, request_hash: bytes | None = None) -> Batch:
    return parse_batch(body, arrival_ns=time.time_ns(), request_hash=request_hash)


def store(body: bytes, *, request_hash: bytes | None = None) -> Outcome:
    """Writes a request to the test database as the receiver does, committed."""
    with connect() as connection:
        (outcome,) = FlushWriter(connection).write([batch_of(body, request_hash=request_hash)])
    return outcome
