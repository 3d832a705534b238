"""One trace of any size: nested, parallel and repeated calls over many services, as OTLP requests."""

import random
from collections.abc import Iterator

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span, Status

SERVICES = (
    "web-gateway", "checkout", "cart", "catalog", "payments", "fraud-check", "inventory", "shipping", "auth",
    "pricing", "orders-db", "redis-cache", "recommendations", "search", "notifications", "tax",
)  # fmt: skip
KINDS = (Span.SPAN_KIND_INTERNAL, Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT)
VERBS = ("GET", "POST", "load", "check", "SELECT", "HGETALL", "render", "publish")
THINGS = ("cart", "order", "stock", "price", "user", "session", "invoice", "address", "token", "page")
SPANS_PER_REQUEST = 5_000
TRACE_NS = 1_850_000_000
DEPTH_MAX = 18


def requests(spans: int, *, trace_id: bytes, now_ns: int, seed: int = 1) -> Iterator[bytes]:
    """Requests that together hold one trace of `spans` spans which ended at `now_ns`."""
    rng = random.Random(seed)
    made = _tree(rng, spans, trace_id, now_ns - TRACE_NS)
    for at in range(0, len(made), SPANS_PER_REQUEST):
        yield _request(made[at : at + SPANS_PER_REQUEST])


def _tree(rng: random.Random, spans: int, trace_id: bytes, start_ns: int) -> list[tuple[str, Span]]:
    root = Span(
        trace_id=trace_id,
        span_id=rng.randbytes(8),
        name="POST /api/v2/checkout/confirm",
        kind=Span.SPAN_KIND_SERVER,
        start_time_unix_nano=start_ns,
        end_time_unix_nano=start_ns + TRACE_NS,
    )
    made, depth = [(SERVICES[0], root)], [1]
    open_rows = [0]
    while len(made) < spans:
        row = rng.choice(open_rows[-200:])
        for child in _children(rng, made[row], rng.choice((1, 2, 3, 5, 12))):
            made.append(child)
            depth.append(depth[row] + 1)
            if depth[-1] < DEPTH_MAX:
                open_rows.append(len(made) - 1)
            if len(made) == spans:
                break
    return made


def _children(rng: random.Random, parent: tuple[str, Span], count: int) -> list[tuple[str, Span]]:
    service, span = parent
    length_ns = span.end_time_unix_nano - span.start_time_unix_nano
    name = f"{rng.choice(VERBS)} {rng.choice(THINGS)}"
    out = []
    for i in range(count):
        start_ns = (
            span.start_time_unix_nano + length_ns * i // count + rng.randrange(length_ns // (4 * count) + 1)
        )
        child = Span(
            trace_id=span.trace_id, span_id=rng.randbytes(8), parent_span_id=span.span_id, name=name,
            kind=rng.choice(KINDS), start_time_unix_nano=start_ns,
            end_time_unix_nano=start_ns + max(1_000, int(length_ns * rng.uniform(0.3, 0.95) / count)),
            attributes=[KeyValue(key="http.request.method", value=AnyValue(string_value="POST"))],
        )  # fmt: skip
        if rng.random() < 0.02:
            child.status.code, child.status.message = Status.STATUS_CODE_ERROR, "deadline exceeded"
        if rng.random() < 0.1:
            child.events.add(name="retry", time_unix_nano=start_ns + 500)
        out.append((service if rng.random() < 0.4 else rng.choice(SERVICES), child))
    return out


def _request(spans: list[tuple[str, Span]]) -> bytes:
    request = ExportTraceServiceRequest()
    by_service: dict[str, ScopeSpans] = {}
    for service, span in spans:
        if service not in by_service:
            in_resource = request.resource_spans.add()
            value = AnyValue(string_value=service)
            in_resource.resource.attributes.append(KeyValue(key="service.name", value=value))
            by_service[service] = in_resource.scope_spans.add()
        by_service[service].spans.append(span)
    body: bytes = request.SerializeToString()
    return body
