"""OTLP requests to send in a bench: realistic, and with ids, times and values that no request before had.

A template is built once with the stock protobuf classes; a fresh request is a copy in which numpy overwrites
the places of ids, times and unique values. That costs the sender about 1 µs a span, so the receiver stays the
bottleneck.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span, Status

SERVICES = 30
SPANS_PER_TRACE = 16
TEMPLATE_TIME_NS = 1_790_000_000 * 10**9
HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
DIGITS = np.frombuffer(b"0123456789", np.uint8)
# What is made fresh in every request, with the alphabet of its first group.
UNIQUE = (
    (re.compile(rb"user-([0-9a-f]{12})"), HEX),
    (re.compile(rb"order-([0-9a-f]{24})"), HEX),
    (re.compile(rb"10\.0\.(\d\d\d\.\d\d\d)"), DIGITS),
    (re.compile(rb"/products/(\d{6})"), DIGITS),
)
NAMES = {
    Span.SPAN_KIND_SERVER: (
        "GET /api/products/{id}",
        "POST /api/cart",
        "GET /api/cart",
        "POST /api/checkout",
    ),
    Span.SPAN_KIND_CLIENT: (
        "SELECT shop.products",
        "INSERT shop.orders",
        "UPDATE shop.stock",
        "CartService/GetCart",
    ),
    Span.SPAN_KIND_INTERNAL: ("prepare order items", "calculate quote", "render template"),
}
SCOPES = {
    Span.SPAN_KIND_SERVER: "opentelemetry.instrumentation.django",
    Span.SPAN_KIND_CLIENT: "opentelemetry.instrumentation.psycopg",
    Span.SPAN_KIND_INTERNAL: "shop.orders",
}
STACK = (
    "Traceback (most recent call last):\n" + '  File "/app/shop/orders/views.py", line 123, in checkout\n' * 6
)


@dataclass(frozen=True, slots=True)
class Template:
    """One request and the places in it that must be fresh."""

    body: NDArray[np.uint8]
    spans: int
    ids: Sequence[
        tuple[NDArray[np.int64], NDArray[np.int64]]
    ]  # per size: (n, size) offsets, which id is there
    time_places: NDArray[np.int64]  # (n, 8) offsets
    unique_places: Sequence[tuple[NDArray[np.int64], NDArray[np.uint8]]]  # offsets, alphabet

    def fresh(self, rng: np.random.Generator, now_ns: int) -> bytes:
        """A request like the template whose spans started just before `now_ns`."""
        out = self.body.copy()
        for places, which in self.ids:
            out[places] = rng.integers(1, 256, (which.max() + 1, places.shape[1]), np.uint8)[which]
        for places, alphabet in self.unique_places:
            out[places] = alphabet[rng.integers(0, len(alphabet), len(places))]
        times = self.body[self.time_places].copy().view("<u8").ravel() + np.uint64(now_ns - TEMPLATE_TIME_NS)
        out[self.time_places] = times.view(np.uint8).reshape(-1, 8)
        return out.tobytes()


def make_template(spans: int, *, seed: int) -> Template:
    """A request of `spans` spans over several services, as a collector would batch it."""
    rng = random.Random(seed)
    request = ExportTraceServiceRequest()
    by_scope: dict[tuple[int, int], ScopeSpans] = {}
    made: list[Span] = []
    while len(made) < spans:
        services = rng.sample(range(SERVICES), 4)
        size = min(spans - len(made), max(1, int(rng.expovariate(1 / SPANS_PER_TRACE))))
        for service, span in _trace(rng, services, size):
            scope = _scope_of(request, by_scope, service, span.kind)
            scope.spans.append(span)
            made.append(span)
    return _located(request.SerializeToString(), made)


def _trace(rng: random.Random, services: Sequence[int], size: int) -> list[tuple[int, Span]]:
    trace_id = rng.randbytes(16)
    out: list[tuple[int, Span]] = []
    for i in range(size):
        kind = Span.SPAN_KIND_SERVER if i == 0 else rng.choice(list(NAMES))
        start_ns = TEMPLATE_TIME_NS - rng.randrange(10**9)
        span = Span(
            trace_id=trace_id,
            span_id=rng.randbytes(8),
            name=rng.choice(NAMES[kind]),
            kind=kind,
            flags=256,
            parent_span_id=rng.choice(out)[1].span_id if out else b"",
            start_time_unix_nano=start_ns,
            end_time_unix_nano=start_ns + int(rng.lognormvariate(15, 1.5)),
            attributes=_attributes(rng, kind),
        )
        if rng.random() < 0.3:
            _add_event(rng, span)
        out.append((services[i % len(services)], span))
    return out


def _attributes(rng: random.Random, kind: int) -> list[KeyValue]:
    if kind == Span.SPAN_KIND_SERVER:
        return _pairs(
            {
                "http.request.method": "GET",
                "http.response.status_code": rng.choice([200, 200, 404, 500]),
                "url.path": f"/products/{rng.randrange(10**6):06d}",
                "url.scheme": "https",
                "server.port": 443,
                "server.address": "shop.example.com",
                "client.address": f"10.0.{_digits(rng)}.{_digits(rng)}",
                "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0 Safari/537.36",
                "http.route": "/api/products/{id}",
                "network.protocol.version": "1.1",
                "user.id": _hex(rng, "user-", 12),
            }
        )
    if kind == Span.SPAN_KIND_CLIENT:
        return _pairs(
            {
                "db.system.name": "postgresql",
                "db.namespace": "shop",
                "db.operation.name": "SELECT",
                "db.query.text": "SELECT id, name, price, stock FROM products WHERE id = $1 LIMIT 50",
                "server.address": "pg-0.pg.svc.cluster.local",
                "server.port": 5432,
                "db.collection.name": "products",
                "db.response.returned_rows": rng.randrange(100),
                "thread.name": f"pool-{rng.randrange(8)}",
                "network.peer.address": f"10.0.{_digits(rng)}.{_digits(rng)}",
                "user.id": _hex(rng, "user-", 12),
            }
        )
    return _pairs(
        {
            "app.order.id": _hex(rng, "order-", 24),
            "app.order.items": rng.randrange(10),
            "app.cached": rng.random() < 0.5,
            "app.order.amount": round(rng.random() * 100, 2),
            "app.currency": "EUR",
            "code.function.name": "prepare_items",
            "code.line.number": rng.randrange(500),
            "app.user": _hex(rng, "user-", 12),
        }
    )


def _add_event(rng: random.Random, span: Span) -> None:
    failed = rng.random() < 0.3
    event = span.events.add(
        name="exception" if failed else "cache.miss", time_unix_nano=span.start_time_unix_nano
    )
    if failed:
        span.status.code = Status.STATUS_CODE_ERROR
        event.attributes.extend(_pairs({"exception.type": "ValueError", "exception.stacktrace": STACK}))
    else:
        event.attributes.extend(_pairs({"key": f"product:{rng.randrange(1000)}", "ttl": 60}))


def _scope_of(
    request: ExportTraceServiceRequest,
    by_scope: dict[tuple[int, int], ScopeSpans],
    service: int,
    kind: Span.SpanKind.ValueType,
) -> ScopeSpans:
    if (service, kind) not in by_scope:
        in_resource = request.resource_spans.add()
        in_resource.resource.attributes.extend(
            _pairs(
                {
                    "service.name": f"shop-{service:02d}",
                    "service.version": f"1.12.{service}",
                    "host.name": f"ip-10-1-{service}-1",
                    "service.instance.id": f"{service * 7919:032x}",
                    "deployment.environment.name": "production",
                }
            )
        )
        scope = in_resource.scope_spans.add()
        scope.scope.name, scope.scope.version = SCOPES[kind], "0.66"
        by_scope[service, kind] = scope
    return by_scope[service, kind]


def _located(body: bytes, spans: Sequence[Span]) -> Template:
    ids = [_found(body, {span.trace_id for span in spans}), _found(body, {span.span_id for span in spans})]
    times = {time for span in spans for time in (span.start_time_unix_nano, span.end_time_unix_nano)}
    time_places, _ = _found(body, {time.to_bytes(8, "little") for time in times})
    unique = [
        (np.concatenate([np.arange(*m.span(1)) for m in pattern.finditer(body)]), alphabet)
        for pattern, alphabet in UNIQUE
    ]
    data = np.frombuffer(body, np.uint8)
    return Template(
        data,
        len(spans),
        ids,
        time_places,
        [(places[data[places] != ord(".")], alphabet) for places, alphabet in unique],
    )


def _found(body: bytes, values: set[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the values stand: (n, size) offsets, and which value each one is."""
    hits = [(m.start(), i) for i, value in enumerate(values) for m in re.finditer(re.escape(value), body)]
    starts, which = np.array(hits, np.int64).T
    return starts[:, None] + np.arange(len(next(iter(values)))), which


def _pairs(values: dict[str, str | bool | int | float]) -> list[KeyValue]:
    return [KeyValue(key=key, value=_any_value(value)) for key, value in values.items()]


def _any_value(value: str | bool | int | float) -> AnyValue:  # noqa: FBT001 - an attribute's value
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    return AnyValue(double_value=value) if isinstance(value, float) else AnyValue(string_value=value)


def _hex(rng: random.Random, prefix: str, digits: int) -> str:
    return f"{prefix}{rng.getrandbits(4 * digits):0{digits}x}"


def _digits(rng: random.Random) -> str:
    return f"{rng.randrange(100, 255)}"
