"""What is stored of a trace, byte for byte, without the rooms that read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from spans.limits import CHUNKS_DECODED_AT_ONCE
from spans.store.chunk_reader import fetch_chunks
from spans.store.chunks import Body, Head
from spans.store.trace_map import chunks_of


@dataclass(frozen=True)
class Sent:
    """A span with what encloses it, comparable."""

    resource: Resource
    resource_schema: str
    scope: InstrumentationScope
    scope_schema: str
    span: Span

    @property
    def key(self) -> tuple[bytes, ...]:
        return self.span.trace_id, self.span.span_id, self.span.SerializeToString(deterministic=True)


def spans_of(request: ExportTraceServiceRequest) -> list[Sent]:
    """The spans of a request, in an order that does not depend on how they were grouped."""
    found = [
        Sent(of.resource, of.schema_url, scoped.scope, scoped.schema_url, _plain(span))
        for of in request.resource_spans
        for scoped in of.scope_spans
        for span in scoped.spans
    ]
    return sorted(found, key=lambda sent: sent.key)


def stored(trace_ids: Sequence[str]) -> list[Sent]:
    """All that is stored of these traces, second copies too; ordered as `spans_of` does."""
    found = []
    for head, body, row in _rows(set(trace_ids)):
        of = ResourceSpans.FromString(body.resources[head.resource[row]])
        scoped = ScopeSpans.FromString(body.scopes[head.scope[row]])
        span = _plain(Span.FromString(body.spans[row]))
        found.append(Sent(of.resource, of.schema_url, scoped.scope, scoped.schema_url, span))
    return sorted(found, key=lambda sent: sent.key)


def stored_bytes(trace_ids: Sequence[str]) -> list[bytes]:
    """The same as bytes, for spans that are not proper protobuf."""
    return [body.spans[row] for _, body, row in _rows(set(trace_ids))]


def _rows(trace_ids: set[str]) -> Iterator[tuple[Head, Body, int]]:
    cids = sorted({chunk.cid for chunks in chunks_of(sorted(trace_ids)).values() for chunk in chunks})
    for start in range(0, len(cids), CHUNKS_DECODED_AT_ONCE):
        for head, body in fetch_chunks(cids[start : start + CHUNKS_DECODED_AT_ONCE]):
            for row in range(head.n):
                if head.trace_id[row].tobytes().hex() in trace_ids:
                    yield head, body, row


def _plain(span: Span) -> Span:
    """An empty status and none at all are the same; some exporters write the one, some the other."""
    if span.status == Status():
        span.ClearField("status")
    return span
