"""OTLP request → header columns, raw span bytes and raw attributes. Only what is indexed is parsed."""

import struct
from array import array
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import count
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError

from spans import limits
from spans.formats import otlp_lite as lite
from spans.formats.batch import SPAN
from spans.formats.batch import BadBatch as BadBatch
from spans.formats.batch import Batch as Batch
from spans.formats.batch import Rejected as Rejected
from spans.formats.otlp_decode import decode_attribute
from spans.otel.attributes import as_text
from spans.otel.resource import UNKNOWN_SERVICE
from spans.otel.span import Repair, StatusCode

pack_span = struct.Struct("<16s8s8sqqIIIIIIHBBB").pack  # a row of SPAN
END_NS_MAX = 2**63 - 1  # what an int64 holds; a later end is no end
EVENTS_MAX = 65_535  # what the head's u16 can say; the span keeps all
KIND_MAX = 5
STATUS_TEXTS_MAX = 10_000
RESOURCE_BYTES_CACHED = 4_096
RESOURCES_CACHED = 4_096
NO_TRACE_ID, NO_ID = bytes(16), bytes(8)
SERVICE_KEY = b"service.name"
# KeyValue of who a link points to: key "link:traceID", a string of 32 characters.
LINK_KEY_VALUE = b"\x0a\x0clink:traceID\x12\x22\x0a\x20"


def parse_batch(
    body: bytes, *, arrival_ns: int, request_hash: bytes | None = None, rejects: Rejected | None = None
) -> Batch:
    """The spans of one ExportTraceServiceRequest. Pure: may run in any thread, touches no database.

    `rejects`: what a conversion to OTLP has rejected already. An empty request is a batch of no spans.
    Raises: BadBatch 400 when the bytes are no OTLP, 413 when they hold more than REQUEST_SPANS_MAX spans.
    """
    parser = _Parser(arrival_ns, rejects or Rejected())
    try:
        parser.take(lite.parse_request(body))
    except DecodeError as error:
        raise BadBatch(400, f"the body is not an OTLP ExportTraceServiceRequest: {error}") from error
    return parser.batch(len(body), request_hash)


def request_hash(body: bytes, *, format: str, project_id: int = 1) -> bytes:
    """16 bytes that tell a retry from a new request. `body` is decompressed, as sent."""
    digest = blake2b(b"%d\0%b\0" % (project_id, format.encode()), digest_size=16)
    digest.update(body)
    return digest.digest()


class Codes(dict[bytes, int]):
    """Value → its place in `values`, in the order of arrival."""

    def __init__(self) -> None:
        super().__init__()
        self.in_order: list[bytes] = []

    def __missing__(self, value: bytes) -> int:
        code = self[value] = len(self.in_order)
        self.in_order.append(value)
        return code


class _StatusCodes(dict[bytes, int]):
    """Status message → its code."""

    def __missing__(self, raw: bytes) -> int:
        code = int(lite.parse_status(raw).code)
        code = code if code in (StatusCode.OK, StatusCode.ERROR) else 0
        if len(self) < STATUS_TEXTS_MAX:
            self[raw] = code
        return code


STATUS = _StatusCodes({b"": 0})


class _Parser:
    """Takes a parsed request apart. Codes are given in the order of arrival."""

    def __init__(self, arrival_ns: int, rejects: Rejected) -> None:
        self.arrival_ns, self.rejects = arrival_ns, rejects
        self.rows: list[bytes] = []
        self.raw: list[bytes] = []
        self.attributes: defaultdict[bytes, int] = defaultdict(count().__next__)
        self.codes = array("I")
        self.services, self.names, self.resources, self.scopes = Codes(), Codes(), Codes(), Codes()
        self.resource_service: list[int] = []
        self.resource_attributes: list[list[int]] = []
        self.scope_attributes: list[list[int]] = []

    def take(self, request: Any) -> None:
        for in_resource in request.resource_spans:
            resource = self.resource_code(in_resource)
            for in_scope in in_resource.scope_spans:
                raws = in_scope.spans
                if len(self.raw) + len(raws) > limits.REQUEST_SPANS_MAX:
                    raise BadBatch(413, f"more than {limits.REQUEST_SPANS_MAX:,} spans in one request")
                self.take_spans(raws, resource, self.scope_code(in_scope))

    def take_spans(self, raws: Sequence[bytes], resource: int, scope: int) -> None:
        """The hot loop: 5 to 6 µs a span, most of it in the accessors of the parsed message."""
        add_row, add_raw, extend_codes = self.rows.append, self.raw.append, self.codes.extend
        names, status, attribute_code = self.names, STATUS, self.attributes.__getitem__
        service, parse_span, start_ns_max = (
            self.resource_service[resource],
            lite.parse_span,
            limits.START_NS_MAX,
        )
        for raw in raws:
            span = parse_span(raw)
            trace_id, span_id, parent_id = span.trace_id, span.span_id, span.parent_id
            start, end, kind, flags = span.start, span.end, span.kind, 0
            if (
                len(trace_id) != 16
                or len(span_id) != 8
                or (parent_id and len(parent_id) != 8)
                or trace_id == NO_TRACE_ID
                or span_id == NO_ID
                or start > start_ns_max
                or (not start and end > start_ns_max)
            ):
                self.rejects.add(_why(span))
                continue
            duration = end - start
            if not start or duration < 0 or end > END_NS_MAX:
                start, duration, flags = _repaired(start, end, self.arrival_ns)
            events = span.events
            attributes = _all_attributes(span, events) if events or span.links else span.attributes
            extend_codes(map(attribute_code, attributes))
            add_row(pack_span(
                trace_id, span_id, parent_id, start, duration, service, names[span.name], resource, scope,
                len(raw), len(attributes), min(len(events), EVENTS_MAX), kind if 0 <= kind <= KIND_MAX else 0,
                status[span.status], flags,
            ))  # fmt: skip
            add_raw(raw)

    def resource_code(self, message: Any) -> int:
        code = self.resources[_enclosing(message.resource, message.schema_url)]
        if code == len(self.resource_service):
            self.resource_service.append(self.services[service_name(message.resource)])
            attributes = lite.parse_resource(message.resource).attributes
            self.resource_attributes.append([self.attributes[raw] for raw in attributes])
        return code

    def scope_code(self, message: Any) -> int:
        code = self.scopes[_enclosing(message.scope, message.schema_url)]
        if code == len(self.scope_attributes):
            attributes = lite.parse_scope(message.scope).attributes
            self.scope_attributes.append([self.attributes[raw] for raw in attributes])
        return code

    def batch(self, raw_bytes: int, request_hash: bytes | None) -> Batch:
        return Batch(
            arrival_ns=self.arrival_ns,
            raw_bytes=raw_bytes,
            request_hash=request_hash,
            header=np.frombuffer(b"".join(self.rows), SPAN),
            raw=self.raw,
            attributes=list(self.attributes),
            codes=self.codes,
            services=self.services.in_order,
            names=self.names.in_order,
            resources=self.resources.in_order,
            scopes=self.scopes.in_order,
            resource_service=self.resource_service,
            resource_attributes=self.resource_attributes,
            scope_attributes=self.scope_attributes,
            rejects=self.rejects,
        )


def service_name(resource: bytes) -> bytes:
    """UTF-8 of a Resource message's `service.name` as text; `unknown_service` when it is missing or empty.

    Raises: DecodeError when it is no Resource.
    """
    return (
        _service_name_cached(resource) if len(resource) <= RESOURCE_BYTES_CACHED else _service_name(resource)
    )


def _service_name(resource: bytes) -> bytes:
    for raw in lite.parse_resource(resource).attributes:
        if SERVICE_KEY in raw:
            key, value = decode_attribute(raw)
            if key == "service.name":
                return (as_text(value) or UNKNOWN_SERVICE).encode()
    return UNKNOWN_SERVICE.encode()


_service_name_cached = lru_cache(RESOURCES_CACHED)(_service_name)


def _enclosing(inner: bytes, schema_url: bytes) -> bytes:
    """A ResourceSpans or ScopeSpans message without its spans: what a chunk's tables hold."""
    return lite.length_delimited(1, inner) + (lite.length_delimited(3, schema_url) if schema_url else b"")


def _repaired(start_ns: int, end_ns: int, arrival_ns: int) -> tuple[int, int, int]:
    """(start, duration, flags) where the times of a span can't be taken as they are."""
    flags = 0
    if not start_ns:
        start_ns, flags = (end_ns, Repair.START_FROM_END) if end_ns else (arrival_ns, Repair.START_OF_ARRIVAL)
    if end_ns < start_ns or end_ns > END_NS_MAX:
        return start_ns, 0, int(flags | Repair.NO_DURATION)
    return start_ns, end_ns - start_ns, int(flags)


def _why(span: Any) -> str:
    """Why a span is rejected, in one line that names it."""
    name = f'span "{span.name[:80].decode("utf-8", "replace")}" {span.span_id[:8].hex()}'
    ids = (
        ("trace_id", span.trace_id, 16),
        ("span_id", span.span_id, 8),
        ("parent_span_id", span.parent_id, 8),
    )
    for field, value, size in ids:
        if len(value) != size and (value or field != "parent_span_id"):
            return f"{name}: {field} has {len(value)} bytes instead of {size}"
        if value and not any(value) and field != "parent_span_id":
            return f"{name}: {field} is all zero"
    time_ns = span.start or span.end
    return f"{name}: starts at {time_ns} ns, which is later than 2100-01-01"


def _all_attributes(span: Any, events: Sequence[bytes]) -> list[bytes]:
    """Attributes of the span, its events and its links; who it links to as one more each."""
    found = list(span.attributes)
    for event in events:
        found += lite.parse_event(event).attributes
    for raw in span.links:
        link = lite.parse_link(raw)
        found += link.attributes
        found.append(LINK_KEY_VALUE + link.trace_id.hex().encode())
    return found
